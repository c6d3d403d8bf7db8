import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useImperativeHandle, useRef, useState } from 'react';

import { errorMessage } from '../viewState';
import type { Drawing, IDrawn } from './draw';
import { oncePerFrame } from './frames';
import { useOnScreen } from './onScreen';
import { onTheme } from './theme';

/** What can be done with the lines on the screen. */
export interface IPlot {
  /** Shows the whole x axis. */
  showAll(): void;
  /** The lines as an SVG document; undefined while they are not there. */
  svg(): ReturnType<Drawing['svg']> | undefined;
}

/** How keys change the part of the x axis that is shown: its width and by how much of it is moved on. */
const KEYS: Readonly<Record<string, readonly [factor: number, shift: number]>> = {
  '+': [0.5, 0],
  '-': [2, 0],
  ArrowLeft: [1, -0.25],
  ArrowRight: [1, 0.25]
};

/**
 * The lines. The code that draws them is loaded when they are first on the screen; nothing is drawn while they are not, and at most once a
 * frame while they are.
 */
export function Plot(props: {
  trans: TranslationBundle;
  drawn: IDrawn;
  description: string;
  height: number;
  onZoom: (zoomed: boolean) => void;
  handle: React.Ref<IPlot>;
}): JSX.Element {
  const { trans, drawn, onZoom } = props;
  const node = useRef<HTMLDivElement>(null);
  const latest = useRef(drawn);
  latest.current = drawn;
  const drawing = useRef<Drawing>();
  const [problem, setProblem] = useState<string>();
  const [width, setWidth] = useState(Infinity);
  const onScreen = useOnScreen(node);
  const [work] = useState(() =>
    oncePerFrame(() => {
      drawing.current?.update(latest.current);
      setWidth(node.current?.clientWidth ?? Infinity);
    })
  );

  useEffect(() => {
    if (!onScreen) {
      return;
    }
    let gone = false;
    const begin = async () => {
      const { Drawing } = await import('./draw');
      if (!gone && node.current) {
        drawing.current ??= new Drawing(node.current, onZoom);
        work.request();
      }
    };
    begin().catch((error: unknown) => setProblem(errorMessage(error)));
    const endTheme = onTheme(work.request);
    const sizes =
      typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(work.request);
    sizes?.observe(node.current!);
    return () => {
      gone = true;
      endTheme();
      sizes?.disconnect();
      work.cancel();
    };
  }, [onScreen]);
  useEffect(() => {
    if (onScreen) {
      work.request();
    }
  }, [drawn, onScreen]);
  useEffect(
    () => () => {
      drawing.current?.dispose();
      drawing.current = undefined;
    },
    []
  );
  useImperativeHandle(props.handle, () => ({
    showAll: () => drawing.current?.showAll(),
    svg: () => drawing.current?.svg()
  }));

  const onKeyDown = (event: React.KeyboardEvent) => {
    const change = KEYS[event.key];
    if (change) {
      drawing.current?.zoom(...change);
    } else if (event.key === '0') {
      drawing.current?.showAll();
    } else {
      return;
    }
    event.preventDefault();
  };
  if (problem !== undefined) {
    return (
      <p role="alert" className="jp-Kubeflow-quiet">
        {problem}
      </p>
    );
  }
  const longest = Math.max(0, ...drawn.series.map(each => each.x.length));
  return (
    <>
      <div
        ref={node}
        className="jp-Kubeflow-chart-plot"
        role="img"
        aria-label={props.description}
        aria-keyshortcuts="+ - 0 ArrowLeft ArrowRight"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onDoubleClick={() => drawing.current?.showAll()}
        style={{ height: props.height }}
      />
      {longest > width && (
        <p className="jp-Kubeflow-chart-note jp-Kubeflow-quiet">
          {trans.__(
            'Thinned out to the width of the chart (LTTB): zoom in for more. The table and the CSV file have all %1 points.',
            longest.toLocaleString(drawn.locale)
          )}
        </p>
      )}
    </>
  );
}
