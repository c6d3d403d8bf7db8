/** What a panel, the tabs of its objects, its forms and its commands share. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { type ISignal, Signal } from '@lumino/signaling';

import { Kept, oneOf } from './kept';
import type { IKubeflow } from './tokens';

/** Parts of the application that are not there everywhere. */
export interface IPanelServices {
  readonly app: JupyterFrontEnd | null;
  readonly documents: IDocumentManager | null;
  readonly browsers: IFileBrowserFactory | null;
  readonly notebooks: INotebookTracker | null;
  readonly editors: IEditorServices | null;
  readonly rendermime: IRenderMimeRegistry | null;
  readonly settings: ISettingRegistry | null;
  readonly state: IStateDB | null;
}

/** What a panel is made with. */
export interface IPanelParts {
  readonly kubeflow: IKubeflow;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
  readonly services: IPanelServices;
}

/** What a panel's commands ask its lists for: to be read again, or to take the keyboard into the filter. */
export interface IListRequest {
  kind: 'refresh' | 'filter';
}

/**
 * Given to each view of a panel and to its forms. The cluster is `useKubernetes(context.kubeflow)` in components, else
 * `kubernetesOf(context.kubeflow)`.
 */
export class PanelContext<
  Selected,
  Section extends string,
  Right extends string
> implements IPanelParts {
  /**
   * @param name - the panel's, such as `trainer`
   * @param sections - of the panel; it shows the first one until another is chosen
   */
  constructor(parts: IPanelParts, name: string, sections: readonly [Section, ...Section[]]) {
    this.kubeflow = parts.kubeflow;
    this.commands = parts.commands;
    this.trans = parts.trans;
    this.services = parts.services;
    const key = `jupyterlab-kubeflow:${name}-panel`;
    this.section = new Kept<Section>(parts.services.state, key, sections[0], oneOf(sections));
  }

  readonly kubeflow: IKubeflow;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
  readonly services: IPanelServices;

  /** The section that the panel shows. */
  readonly section: Kept<Section>;

  /** The active namespace: what is meant by commands that name none. */
  get namespace(): string {
    return this.kubeflow.connection.state?.namespace ?? 'default';
  }

  /** What is selected in the panel; commands without arguments are about it. */
  get selection(): readonly Selected[] {
    return this._selection;
  }

  /** Why the user may not do something to what the panel shows, as a sentence; what is not here may be done. */
  get refusals(): Partial<Record<Right, string>> {
    return this._refusals;
  }

  /** What the user has asked the lists for. What the server changes they see by themselves. */
  get asked(): ISignal<this, IListRequest> {
    return this._asked;
  }

  /** Remembers the panel's selection. */
  select(chosen: readonly Selected[]): void {
    this._selection = chosen;
    this.commands.notifyCommandChanged();
  }

  /** Remembers what the user may not do. */
  refuse(refusals: Partial<Record<Right, string>>): void {
    this._refusals = refusals;
    this.commands.notifyCommandChanged();
  }

  /** Asks the lists for something. */
  ask(request: IListRequest): void {
    this._asked.emit(request);
  }

  private _selection: readonly Selected[] = [];
  private _refusals: Partial<Record<Right, string>> = {};
  private readonly _asked = new Signal<this, IListRequest>(this);
}
