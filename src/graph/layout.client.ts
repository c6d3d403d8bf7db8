/** The layout as a promise, in a worker for large documents. The one module with `import.meta`, which jest does not know. */
import { layoutGraph } from './layout';
import type { IGraphLayout, ILayoutOptions } from './layout';
import type { IGraphDocument } from './schema';

/** Nodes and edges below which the layout is quicker in place than a worker starts. */
const SMALL = 300;
/** Milliseconds after which a worker that says nothing is taken for one that could not load. */
const LIMIT = 15000;

/**
 * Lays out a document, a large one in a worker. Where a worker cannot be had (an old bundler, a strict content security policy) or does
 * not answer in time, it is laid out in place.
 */
export async function layoutInWorker(
  document: IGraphDocument,
  options: ILayoutOptions = {}
): Promise<IGraphLayout> {
  if (document.nodes.length + document.edges.length < SMALL || typeof Worker === 'undefined') {
    return layoutGraph(document, options);
  }
  try {
    return await inWorker(document, options);
  } catch {
    return layoutGraph(document, options);
  }
}

function inWorker(document: IGraphDocument, options: ILayoutOptions): Promise<IGraphLayout> {
  const worker = new Worker(new URL('./layout.worker.js', import.meta.url));
  return new Promise<IGraphLayout>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The worker does not answer.')), LIMIT);
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      action();
    };
    worker.onmessage = (event: MessageEvent<IGraphLayout>) => settle(() => resolve(event.data));
    worker.onerror = () => settle(() => reject(new Error('The worker failed.')));
    worker.onmessageerror = () => settle(() => reject(new Error('The worker failed.')));
    worker.postMessage({ document, options });
  }).finally(() => worker.terminate());
}
