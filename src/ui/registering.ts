/** Handing a model over to the form of the Model Registry panel: what other panels know of it. */
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IConnection } from '../client/connection';

/** Opens the form of a registration; its arguments are an `IRegisterSeed`. */
export const REGISTER = 'kubeflow-registry:register-model';

/** What made a model; `other` is any that another program has written. */
export type SourceKind = 'run' | 'train-job' | 'trial' | 'notebook' | 'catalog' | 'other';

/** What made a model. */
export interface IMadeBy {
  kind: SourceKind;
  /** Its name, else its id. */
  name: string;
  id?: string;
  namespace?: string;
  /** Which of several kinds it is: `trial` of Katib or `optimizationjob` of Trainer. */
  class?: string;
}

/** What is known beforehand of what is to be registered; each may be changed in the form. */
export interface IRegisterSeed {
  /** A file or folder of the Jupyter server. */
  path?: string;
  /** Where the model is stored. */
  uri?: string;
  /** The registered model of which it is another version. */
  model?: string;
  source?: IMadeBy;
  /** Of the version: metrics and parameters, as texts. */
  properties?: Readonly<Record<string, string>>;
}

/** Whether there is a registry to register in, and a panel that does. */
export function canRegister(context: {
  commands: CommandRegistry;
  connection: IConnection;
}): boolean {
  const { commands, connection } = context;
  const registry = connection.state?.components['registry'];
  return registry?.available === true && commands.hasCommand(REGISTER);
}

/** Opens the form with what is known. */
export async function registerModel(commands: CommandRegistry, seed: IRegisterSeed): Promise<void> {
  await commands.execute(REGISTER, seed as ReadonlyPartialJSONObject);
}
