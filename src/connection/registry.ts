import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IComponentChoice, IConnection } from '../client/connection';

/** The model registries to choose from; none where there is nothing to choose. */
export function registryChoices({ state }: Pick<IConnection, 'state'>): IComponentChoice[] {
  const { choices = [], choice } = state?.components.registry ?? {};
  return choices.length > 1 || choice === undefined ? choices : [];
}

/** What a registry is called in a list: its name too where it is called otherwise. */
export function registryLabel({ name, displayName }: IComponentChoice): string {
  return displayName === name ? name : `${displayName} (${name})`;
}

/** Asks which registry to use, and switches to it. */
export async function chooseRegistry(
  connection: IConnection,
  trans: TranslationBundle
): Promise<void> {
  const choices = registryChoices(connection);
  const { choice, reason } = connection.state?.components.registry ?? {};
  const answer = await InputDialog.getItem({
    title: trans.__('Switch model registry'),
    label: choice === undefined ? reason : undefined,
    items: choices.map(registryLabel),
    current: Math.max(
      0,
      choices.findIndex(({ name }) => name === choice)
    ),
    okLabel: trans.__('Switch')
  });
  const chosen = choices.find(each => registryLabel(each) === answer.value);
  if (chosen) {
    await connection.select({ registry: chosen.name });
  }
}
