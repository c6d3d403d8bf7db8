/** Draws graph documents in the outputs of notebooks. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { GRAPH_MIME_TYPE } from '../graph/schema';
import { graphWords } from '../graph/translatedWords';
// A renderer is made synchronously; what draws is loaded by it lazily.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { RenderedGraph } from './renderedGraph';

const OPEN_RUN = 'kubeflow-pipelines:open-run';

/** Registers the renderer of `application/vnd.kubeflow.graph.v1+json`; data only, so it also draws in untrusted notebooks. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-kubeflow:graph-renderer',
  description: 'Draws graphs of Kubeflow pipelines and runs in notebook outputs.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
    const words = graphWords(trans);
    registry.addFactory(
      {
        safe: true,
        mimeTypes: [GRAPH_MIME_TYPE],
        defaultRank: 40,
        createRenderer: options =>
          new RenderedGraph(options.mimeType, {
            trans,
            words,
            pipelines: async () => {
              const { pipelinesOf } = await import('./live');
              return pipelinesOf(app.serviceManager.serverSettings);
            },
            openRun: runId =>
              app.commands.hasCommand(OPEN_RUN)
                ? () => void app.commands.execute(OPEN_RUN, { runId })
                : null
          })
      },
      40
    );
  }
};

export default plugin;
