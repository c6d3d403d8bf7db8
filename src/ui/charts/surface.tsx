import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { oncePerFrame } from './frames';
import { useOnScreen } from './onScreen';

/** A point in CSS pixels. */
export interface ISpot {
  x: number;
  y: number;
}

/** What stands beside the pointer: a heading and lines with exact values. */
export interface ITip {
  at: ISpot;
  head: string;
  lines: readonly string[];
}

/** The place of a chart that is drawn as SVG: it tells its width, and draws at most once a frame, nothing while it is not on the screen. */
export function Surface(props: {
  /** The chart in words. */
  description: string;
  height: number;
  /** In CSS pixels; 0 when left out. */
  minWidth?: number;
  tip: ITip | undefined;
  svg?: React.Ref<SVGSVGElement>;
  /** It has another width, or its first one. */
  onWidth: (width: number) => void;
  onPointerMove?: (at: ISpot, event: React.PointerEvent) => void;
  onPointerDown?: (at: ISpot, event: React.PointerEvent) => void;
  onPointerUp?: (at: ISpot, event: React.PointerEvent) => void;
  onPointerCancel?: () => void;
  onPointerLeave?: () => void;
  /** What is drawn. */
  children: React.ReactNode;
}): JSX.Element {
  const { height } = props;
  const node = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const onScreen = useOnScreen(node);
  const drawn = useRef<React.ReactNode>(null);
  const due = useRef(false);
  const [, draw] = useState({});
  const latest = useRef(props);
  latest.current = props;
  const [work] = useState(() =>
    // At once, so that a frame has no more charts to draw than it has time for.
    oncePerFrame(() =>
      flushSync(() => {
        const found = node.current?.clientWidth ?? 0;
        setWidth(found);
        latest.current.onWidth(found);
        due.current = true;
        draw({});
      })
    )
  );
  if (due.current) {
    due.current = false;
    drawn.current = props.children;
  }
  useEffect(() => {
    if (!onScreen) {
      return;
    }
    work.request();
    const sizes =
      typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(work.request);
    sizes?.observe(node.current!);
    return () => {
      sizes?.disconnect();
      work.cancel();
    };
  }, [onScreen]);
  useEffect(() => {
    if (onScreen && drawn.current !== props.children) {
      work.request();
    }
  }, [props.children, onScreen]);
  const at =
    (handle: ((at: ISpot, event: React.PointerEvent) => void) | undefined) =>
    (event: React.PointerEvent) => {
      const box = node.current!.getBoundingClientRect();
      handle?.({ x: event.clientX - box.left, y: event.clientY - box.top }, event);
    };
  return (
    <div
      ref={node}
      className="jp-Kubeflow-chart-plot"
      style={{ height, minWidth: props.minWidth }}
      onPointerMove={at(props.onPointerMove)}
      onPointerDown={at(props.onPointerDown)}
      onPointerUp={at(props.onPointerUp)}
      onPointerCancel={props.onPointerCancel}
      onPointerLeave={props.onPointerLeave}
    >
      {width > 0 && (
        <svg
          ref={props.svg}
          className="jp-Kubeflow-marks"
          role="img"
          aria-label={props.description}
          width={width}
          height={height}
        >
          {drawn.current}
        </svg>
      )}
      {props.tip && <Tip tip={props.tip} width={width} height={height} />}
    </div>
  );
}

/** A box beside the pointer that stays within the chart. */
function Tip(props: { tip: ITip; width: number; height: number }): JSX.Element {
  const { tip, width, height } = props;
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { offsetWidth, offsetHeight } = box.current!;
    if (offsetWidth !== size.width || offsetHeight !== size.height) {
      setSize({ width: offsetWidth, height: offsetHeight });
    }
  });
  const left = tip.at.x + 12 + size.width > width ? tip.at.x - 12 - size.width : tip.at.x + 12;
  const top = Math.min(tip.at.y + 12, height - size.height);
  return (
    <div
      ref={box}
      className="jp-Kubeflow-chart-tooltip jp-Kubeflow-chart-tip"
      style={{ left: Math.max(0, left), top: Math.max(0, top) }}
    >
      <b>{tip.head}</b>
      {tip.lines.map((line, index) => (
        <div key={index}>{line}</div>
      ))}
    </div>
  );
}
