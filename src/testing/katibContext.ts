import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import type { IConnection } from '../client/connection';
import type { ITransport } from '../client/transport';
import { KatibContext } from '../katib/context';
import type { IKubeflow } from '../ui/tokens';
import { makeConnection } from './pipelinesContext';

/** What the views of the Katib panel are given, over a transport. */
export function makeKatibContext(
  transport: ITransport,
  connection: IConnection = makeConnection()
): KatibContext {
  const kubeflow = { transport, connection } as unknown as IKubeflow;
  return new KatibContext(
    kubeflow,
    new CommandRegistry(),
    nullTranslator.load('jupyterlab_kubeflow'),
    {
      app: null,
      documents: null,
      browsers: null,
      notebooks: null,
      editors: null,
      settings: null,
      state: null
    }
  );
}
