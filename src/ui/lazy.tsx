import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { VisibleContext } from './text';

/**
 * A widget whose content is loaded when it is first shown, and that tells the content through `VisibleContext` when it is on the screen.
 * @param load - fetches the code and returns what to draw
 */
export class LazyWidget extends ReactWidget {
  constructor(private readonly load: () => Promise<JSX.Element>) {
    super();
    this.addClass('jp-Kubeflow-view');
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this.shown();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.shown();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this.update();
  }

  protected override onBeforeDetach(msg: Message): void {
    this.started = false;
    super.onBeforeDetach(msg);
  }

  protected override onActivateRequest(): void {
    const target = this.node.querySelector<HTMLElement>('[tabindex="0"], input, button');
    (target ?? this.node).focus();
  }

  protected render(): JSX.Element | null {
    if (!this.content) {
      return null;
    }
    return <VisibleContext.Provider value={this.isVisible}>{this.content}</VisibleContext.Provider>;
  }

  private shown(): void {
    if (this.isVisible && !this.started) {
      this.started = true;
      void this.load()
        .then(content => {
          this.content = content;
        })
        .catch((reason: unknown) => {
          this.started = false;
          this.content = <p role="alert">{String(reason)}</p>;
        })
        .finally(() => this.update());
    }
    this.update();
  }

  private content: JSX.Element | null = null;
  private started = false;
}
