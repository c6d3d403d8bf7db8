/** What the Model Registry panel, the tabs of models and versions, and the commands share. */
import { type ISignal, Signal } from '@lumino/signaling';

import type { IModelVersion, IRegisteredModel, IRegistryClient } from '../client/registry';
import { RegistryClient } from '../client/registryClient';
import { type IPanelParts, PanelContext } from '../ui/panelContext';

/** The panel's commands. Arguments are described by each command's `describedBy`. */
export namespace CommandIDs {
  export const showPanel = 'kubeflow-registry:show-panel';
  export const refresh = 'kubeflow-registry:refresh';
  export const filter = 'kubeflow-registry:filter';
  /** Opens a model's tab: `{modelId?, name?, section?}`; without an id, those that are selected in the panel. */
  export const openModel = 'kubeflow-registry:open-model';
  /** Opens a version's tab: `{versionId, name?, section?}`. */
  export const openVersion = 'kubeflow-registry:open-version';
  /** Puts models, or a version, into the archive: `{modelId?}` or `{versionId}`. */
  export const archive = 'kubeflow-registry:archive';
  /** Takes them out of it: the same arguments. */
  export const restore = 'kubeflow-registry:restore';
  /** Puts the Python that finds a version into a cell of the notebook used last: `{versionId?}`. */
  export const insertSdkCode = 'kubeflow-registry:insert-sdk-code';
}

/** What the user has changed, as the server has answered it, so that open views need not wait for their next read. */
export type IChange =
  { kind: 'model'; object: IRegisteredModel } | { kind: 'version'; object: IModelVersion };

/** The section of the panel. */
export type Section = 'models';

/** Given to each view of the panel. */
export class RegistryContext extends PanelContext<IRegisteredModel, Section, never> {
  constructor(parts: IPanelParts) {
    super(parts, 'registry', ['models']);
    this.client = new RegistryClient(parts.kubeflow.transport, parts.kubeflow);
  }

  /** Over the registry that is in use. */
  readonly client: IRegistryClient;

  /** What the user has changed. */
  get changed(): ISignal<this, IChange> {
    return this._changed;
  }

  /** Tells all open views what has changed. */
  tell(change: IChange): void {
    this._changed.emit(change);
  }

  private readonly _changed = new Signal<this, IChange>(this);
}
