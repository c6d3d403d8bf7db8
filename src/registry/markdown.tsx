import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { useLayoutEffect, useRef } from 'react';

/** Markdown as JupyterLab draws it in a notebook that is not trusted: HTML in it is sanitized. Plain text where there is no renderer. */
export function Markdown(props: {
  rendermime: IRenderMimeRegistry | null;
  text: string;
}): JSX.Element {
  const { rendermime, text } = props;
  const host = useRef<HTMLDivElement>(null);
  // Before the paint, and so taken back before React removes the element: a widget has to be detached while it is in the page.
  useLayoutEffect(() => {
    const node = host.current;
    if (!rendermime || !node) {
      return;
    }
    const widget = rendermime.createRenderer('text/markdown');
    const model = rendermime.createModel({ data: { 'text/markdown': text }, trusted: false });
    Widget.attach(widget, node);
    void widget.renderModel(model);
    return () => {
      Widget.detach(widget);
      widget.dispose();
    };
  }, [rendermime, text]);
  return (
    <div ref={host} className="jp-Kubeflow-markdown">
      {!rendermime && text}
    </div>
  );
}
