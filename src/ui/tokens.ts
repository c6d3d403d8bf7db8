import { Token } from '@lumino/coreutils';

import type { IConnection } from '../client/connection';
import type { IJupyterServer } from '../client/jupyter';
import type { IPipelinesClient } from '../client/pipelines';
import type { ITransport } from '../client/transport';

/** What every panel is given: the active connection and the clients over it. */
export interface IKubeflow {
  /** The extension's own routes on the Jupyter server. */
  readonly server: Pick<IJupyterServer, 'json' | 'response'>;
  readonly transport: ITransport;
  readonly connection: IConnection;
  readonly pipelines: IPipelinesClient;
}

/** Provided by the connection plugin. */
export const IKubeflow = new Token<IKubeflow>(
  'jupyterlab-kubeflow:IKubeflow',
  'The active Kubeflow connection and the clients over it.'
);
