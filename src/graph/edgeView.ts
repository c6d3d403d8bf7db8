/** One edge of the drawing: a line and its tip. */
import type { IEdgePath } from './layout';
import { roundedPath, svg } from './svg';

const CLASS = 'jp-Kubeflow-graph';

/** The edge's elements; `data-from` and `data-to` name its ends. */
export function edgeView(edge: IEdgePath): SVGGElement {
  const end = edge.points[edge.points.length - 1]!;
  return svg('g', { class: `${CLASS}-line`, 'data-from': edge.from, 'data-to': edge.to }, [
    svg('path', { class: `${CLASS}-edge`, d: roundedPath(edge.points) }),
    svg('path', { class: `${CLASS}-tip`, d: `M${end.x - 4} ${end.y - 6}l4 6 4-6z` })
  ]);
}
