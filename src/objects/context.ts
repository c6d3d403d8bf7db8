/** What the views of the plugin share. */
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Signal } from '@lumino/signaling';

import type { IKubeflow } from '../ui/tokens';
import type { IKindRef, IObjectRef } from './commands';

/** Given to each view. */
export interface IObjectsContext {
  readonly kubeflow: IKubeflow;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
  readonly editors: IEditorServices | null;
  /** Tells the open list of a kind that it is to show. */
  readonly asked: Signal<unknown, IKindRef>;
  /** What is selected in the list that the user was in last. */
  selection: readonly IObjectRef[];
  /** Opens or activates an object's tab. */
  open(ref: IObjectRef, section?: string): void;
}
