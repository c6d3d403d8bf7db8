/** The graph for React. */
import { useEffect, useRef } from 'react';

import { renderGraph } from './render';
import type { IGraphHandle, IGraphOptions } from './render';
import type { IGraphDocument } from './schema';

/** Properties of `GraphView`. */
export interface IGraphViewProps extends Pick<
  IGraphOptions,
  'onSelect' | 'onActivate' | 'collapsed' | 'words'
> {
  document: IGraphDocument;
  /** The selected node's id. */
  selected?: string | null;
}

/** A graph that fills its parent. A new `document` with the same nodes changes states only; nothing jumps. */
export function GraphView(props: IGraphViewProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const handle = useRef<IGraphHandle | null>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const { document, selected, collapsed, words } = latest.current;
    handle.current = renderGraph(host.current!, document, {
      selected,
      collapsed,
      words,
      onSelect: id => latest.current.onSelect?.(id),
      onActivate: id => latest.current.onActivate?.(id)
    });
    return () => handle.current?.dispose();
  }, []);
  useEffect(() => handle.current?.update(props.document), [props.document]);
  useEffect(() => handle.current?.select(props.selected ?? null), [props.selected]);
  return <div ref={host} className="jp-Kubeflow-graph-host" />;
}
