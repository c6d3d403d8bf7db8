import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import type { IConnection } from '../client/connection';
import type { ITransport } from '../client/transport';
import { KatibContext } from '../katib/context';
import { RegistryContext } from '../registry/context';
import { TrainerContext } from '../trainer/context';
import type { IPanelParts, IPanelServices } from '../ui/panelContext';
import type { IKubeflow } from '../ui/tokens';
import { makeConnection } from './pipelinesContext';

/** What the views of a panel are given, over a transport, in an application that has nothing else but `more`. */
function maker<C>(Context: new (parts: IPanelParts) => C) {
  return (
    transport: ITransport,
    connection: IConnection = makeConnection(),
    more: { server?: object; services?: Partial<Record<keyof IPanelServices, object | null>> } = {}
  ): C =>
    new Context({
      kubeflow: { transport, connection, server: more.server } as unknown as IKubeflow,
      commands: new CommandRegistry(),
      trans: nullTranslator.load('jupyterlab_kubeflow'),
      services: {
        app: null,
        documents: null,
        browsers: null,
        notebooks: null,
        editors: null,
        rendermime: null,
        settings: null,
        state: null,
        ...(more.services as Partial<IPanelServices>)
      }
    });
}

export const makeKatibContext = maker(KatibContext);
export const makeTrainerContext = maker(TrainerContext);
export const makeRegistryContext = maker(RegistryContext);
