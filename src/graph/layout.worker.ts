/** Lays out a document off the main thread. Imports only what is bundled: a module shared with JupyterLab fails in a worker. */
import { layoutGraph } from './layout';
import type { ILayoutOptions } from './layout';
import type { IGraphDocument } from './schema';

interface IRequest {
  document: IGraphDocument;
  options: ILayoutOptions;
}

self.onmessage = (event: MessageEvent<IRequest>) => {
  self.postMessage(layoutGraph(event.data.document, event.data.options));
};
