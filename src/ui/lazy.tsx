import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { VisibleContext } from './text';
import { errorMessage, TextButton } from './viewState';

/**
 * A widget whose content is loaded when it is first shown, and that tells the content through `VisibleContext` when it is on the screen.
 * Code that cannot be loaded leaves a sentence that says what to do.
 * @param load - fetches the code and returns what to draw
 */
export class LazyWidget extends ReactWidget {
  constructor(
    private readonly load: () => Promise<JSX.Element>,
    private readonly trans: TranslationBundle
  ) {
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

  /** Takes the keyboard, unless it is within already: what asked for the widget may have put it there, as into a filter. */
  protected override onActivateRequest(): void {
    const { activeElement } = document;
    if (activeElement !== this.node && this.node.contains(activeElement)) {
      return;
    }
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
          this.content = (
            <LoadProblem reason={reason} trans={this.trans} retry={() => this.shown()} />
          );
        })
        .finally(() => this.update());
    }
    this.update();
  }

  private content: JSX.Element | null = null;
  private started = false;
}

/** Why a view's code could not be loaded, in the view's place. */
function LoadProblem(props: {
  reason: unknown;
  trans: TranslationBundle;
  retry: () => void;
}): JSX.Element {
  const { reason, trans, retry } = props;
  // What webpack throws when a file of the page's version is not on the server.
  const outdated = reason instanceof Error && reason.name === 'ChunkLoadError';
  return (
    <div className="jp-Kubeflow-viewState jp-mod-error" role="alert" data-view-state="error">
      <p>
        {outdated
          ? trans.__(
              'JupyterLab or the extension was updated since this page was opened. Reload the page.'
            )
          : errorMessage(reason)}
      </p>
      <div className="jp-Kubeflow-viewState-actions">
        <TextButton primary onClick={() => window.location.reload()}>
          {trans.__('Reload')}
        </TextButton>
        <TextButton onClick={retry}>{trans.__('Retry')}</TextButton>
      </div>
    </div>
  );
}
