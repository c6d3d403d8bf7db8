import { GroupItem, TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IConnection } from '../client/connection';
import { describeConnection } from './words';

/** The connection and its namespace in the status bar; a red dot and the reason when it does not work. */
export class ConnectionStatus extends ReactWidget {
  /** @param onClick - opens the switcher */
  constructor(
    private readonly connection: IConnection,
    private readonly onClick: () => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Kubeflow-ConnectionStatus');
    this.addClass('jp-mod-highlighted');
    this._unsubscribe = connection.subscribe(() => {
      this.update();
      this._activeChanged.emit();
    });
  }

  /** Whether there is something to show yet. */
  get isActive(): boolean {
    return this.connection.state !== null || this.connection.error !== null;
  }

  /** Emitted when `isActive` may have changed. */
  get activeChanged(): ISignal<this, void> {
    return this._activeChanged;
  }

  /** Puts the focus on the item. */
  focus(): void {
    this.node.querySelector<HTMLElement>('[role="button"]')?.focus();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._unsubscribe();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected override render(): JSX.Element | null {
    const words = describeConnection(this.connection, this.trans);
    if (!words) {
      return <></>;
    }
    const text = this.trans.__('Kubeflow: %1', words.label);
    const title = `${words.sentence}\n${this.trans.__('Click to switch.')}`;
    return (
      <GroupItem
        spacing={4}
        role="button"
        tabIndex={0}
        aria-haspopup="dialog"
        aria-label={text}
        title={title}
        onClick={() => this.onClick()}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            event.stopPropagation();
            this.onClick();
          }
        }}
      >
        <span className="jp-Kubeflow-ConnectionStatus-dot" data-broken={words.broken} />
        <TextItem source={text} title={title} />
      </GroupItem>
    );
  }

  private readonly _activeChanged = new Signal<this, void>(this);
  private readonly _unsubscribe: () => void;
}
