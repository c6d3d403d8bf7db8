/** What can be done to models and versions. Each tells all open views what the server has answered. */
import { Notification } from '@jupyterlab/apputils';

import { ApiError } from '../client/errors';
import type {
  CustomProperties,
  IModelVersion,
  IRegisteredModel,
  MetadataValue
} from '../client/registry';
import { insertCell, lastNotebook } from '../ui/cells';
import { confirmDestructive } from '../ui/confirm';
import { errorMessage } from '../ui/viewState';
import type { IChange, RegistryContext } from './context';
import { renewModel } from './model/renew';
import { versionCode } from './sdkCode';

/** A model or a version. */
export type IEntry = IChange;

/** Puts entries into the archive, after asking. A model's versions stay as they are, and are out of the way with it. */
export async function archive(context: RegistryContext, entries: readonly IEntry[]): Promise<void> {
  const { trans } = context;
  const [first] = entries;
  if (!first) {
    return;
  }
  const { name } = first.object;
  const isModel = first.kind === 'model';
  const sure = await confirmDestructive(trans, {
    title:
      entries.length > 1
        ? trans.__('Archive %1 models?', entries.length)
        : isModel
          ? trans.__('Archive model “%1”?', name)
          : trans.__('Archive version “%1”?', name),
    body: isModel
      ? trans.__(
          'It leaves the list with its versions. Nothing is deleted, what serves it goes on, and it can be restored.'
        )
      : trans.__('Nothing is deleted, what serves it goes on, and it can be restored.'),
    action: isModel
      ? trans._n('Archive model', 'Archive models', entries.length)
      : trans.__('Archive version')
  });
  if (sure) {
    await setState(context, entries, 'ARCHIVED');
  }
}

/** Takes entries out of the archive. */
export function restore(context: RegistryContext, entries: readonly IEntry[]): Promise<void> {
  return setState(context, entries, 'LIVE');
}

async function setState(
  context: RegistryContext,
  entries: readonly IEntry[],
  state: 'LIVE' | 'ARCHIVED'
): Promise<void> {
  for (const { kind, object } of entries) {
    try {
      tellOf(context, kind, await collectionOf(context, kind).update(object.id, { state }));
    } catch (error) {
      Notification.error(`${object.name}: ${errorMessage(error)}`, { autoClose: false });
    }
  }
}

/** Somebody else has changed what the user was editing. */
export class Changed extends ApiError {
  constructor(message: string) {
    super({ service: 'registry', status: 409, reason: 'Conflict', message });
  }
}

/**
 * Saves a description.
 * @param before - what the user began with; left out to save it whatever others have written
 * @throws `Changed` where there is another one by now
 */
export async function saveDescription(
  context: RegistryContext,
  { kind, object: { id } }: IEntry,
  description: string,
  before?: string
): Promise<void> {
  const { trans } = context;
  const all = collectionOf(context, kind);
  if (before !== undefined) {
    const now = (await all.get(id)).description ?? '';
    if (now !== before && now !== description) {
      throw new Changed(
        trans.__('Somebody else has changed the description meanwhile. It reads now: %1', now)
      );
    }
  }
  await saved(context, kind, await all.update(id, { description }));
}

/**
 * Sets custom properties and removes those given as `null`; what others have set meanwhile stays.
 * @param before - what the user began with; left out to set them whatever others have set
 * @throws `Changed` where one of those to be changed is another by now
 */
export async function saveProperties(
  context: RegistryContext,
  { kind, object: { id } }: IEntry,
  change: Record<string, MetadataValue | null>,
  before?: CustomProperties
): Promise<void> {
  const { trans } = context;
  const all = collectionOf(context, kind);
  const now = (await all.get(id)).customProperties ?? {};
  for (const [name, value] of Object.entries(change)) {
    if (before && !same(now[name], before[name]) && !same(now[name], value ?? undefined)) {
      throw new Changed(trans.__('Somebody else has changed “%1” meanwhile.', name));
    }
  }
  const customProperties = Object.fromEntries(
    Object.entries({ ...now, ...change }).filter(
      (entry): entry is [string, MetadataValue] => entry[1] !== null
    )
  );
  await saved(context, kind, await all.update(id, { customProperties }));
}

/** Puts the Python that finds a version into a cell of the notebook used last; rejects in words where none is open. */
export async function insertVersionCode(context: RegistryContext, id: string): Promise<void> {
  const panel = lastNotebook(context);
  const version = await context.client.modelVersions.get(id);
  const model = await context.client.registeredModels.get(version.registeredModelId);
  await insertCell(context, panel, versionCode(model.name, version.name));
}

/**
 * Marks a model as changed, as its versions are no part of it for the server: lists are ordered by it. That it fails keeps nothing else from
 * being done.
 */
export async function touchModel(context: RegistryContext, modelId: string): Promise<void> {
  try {
    const object = await renewModel(context.client, modelId);
    context.tell({ kind: 'model', object });
  } catch (error) {
    console.warn('Kubeflow: the time of change of a model was not renewed.', error);
  }
}

function collectionOf({ client }: RegistryContext, kind: IEntry['kind']) {
  return kind === 'model' ? client.registeredModels : client.modelVersions;
}

function tellOf(
  context: RegistryContext,
  kind: IEntry['kind'],
  object: IRegisteredModel | IModelVersion
): void {
  context.tell({ kind, object } as IChange);
}

async function saved(
  context: RegistryContext,
  kind: IEntry['kind'],
  object: IRegisteredModel | IModelVersion
): Promise<void> {
  tellOf(context, kind, object);
  if (kind === 'version') {
    await touchModel(context, (object as IModelVersion).registeredModelId);
  }
}

function same(one: MetadataValue | undefined, other: MetadataValue | undefined): boolean {
  const text = (value: MetadataValue | undefined) =>
    JSON.stringify(value && Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}
