// Jest has no module workers: the layout runs in place.
import { layoutGraph } from '../graph/layout';
import type { IGraphLayout, ILayoutOptions } from '../graph/layout';
import type { IGraphDocument } from '../graph/schema';

export async function layoutInWorker(
  document: IGraphDocument,
  options?: ILayoutOptions
): Promise<IGraphLayout> {
  return layoutGraph(document, options);
}
