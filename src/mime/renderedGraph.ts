/** A graph in an output: a snapshot, or in a trusted notebook the run as it goes on. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import type { IPipelinesClient } from '../client/pipelines';
import type { IGraphHandle } from '../graph/render';
import type { GraphState, IGraphDocument } from '../graph/schema';
import type { IGraphWords } from '../graph/words';

const CLASS = 'jp-Kubeflow-graphOutput';
const PERIOD = 2000;
/** After this many milliseconds without an answer it asks more rarely. */
const SLOWEST = 30000;

/** What the renderer needs of its surroundings. */
export interface IGraphRendererOptions {
  trans: TranslationBundle;
  /** What the graph says, in the user's language. */
  words: IGraphWords;
  /** The client of the active connection; called only for a live output. */
  pipelines: () => Promise<IPipelinesClient>;
  /** Opens a run's detail; `null` where nothing can. */
  openRun: (runId: string) => (() => void) | null;
}

/** Renders one output of the graph mime type. */
export class RenderedGraph extends Widget implements IRenderMime.IRenderer {
  constructor(mimeType: string, options: IGraphRendererOptions) {
    super();
    this._mimeType = mimeType;
    this._options = options;
    this.addClass(CLASS);
    this._bar.className = `${CLASS}-bar`;
    this._title.className = `${CLASS}-title`;
    this._title.dir = 'auto';
    this._status.className = `${CLASS}-status`;
    this._status.setAttribute('role', 'status');
    this._body.className = `${CLASS}-body`;
    this._bar.append(this._title, this._status);
    this.node.append(this._bar, this._body);
  }

  /** Draws the model's document. Never rejects: what cannot be drawn is said in words. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const data: unknown = model.data[this._mimeType];
    this._trusted = model.trusted;
    this._stop();
    try {
      await this._show(checked(data, this._options.trans));
    } catch (error) {
      this._fail(error);
      return;
    }
    this._openButton();
    this._continue();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._stop();
      this._observer?.disconnect();
      document.removeEventListener('visibilitychange', this._onVisibility);
      this._handle?.dispose();
      super.dispose();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    document.addEventListener('visibilitychange', this._onVisibility);
    if (typeof IntersectionObserver === 'undefined') {
      this._seen = true;
    } else {
      this._observer = new IntersectionObserver(entries => {
        this._seen = entries.some(entry => entry.isIntersecting);
        this._onVisibility();
      });
      this._observer.observe(this.node);
    }
    this._continue();
  }

  protected override onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this._seen = false;
    this._stop();
    this._observer?.disconnect();
    document.removeEventListener('visibilitychange', this._onVisibility);
  }

  private async _show(graph: IGraphDocument): Promise<void> {
    this._document = graph;
    this._title.textContent = this._title.title = graph.title ?? '';
    this._say();
    if (this._handle) {
      this._handle.update(graph);
      return;
    }
    const { renderGraph } = await import('../graph/render');
    if (this.isDisposed || this._handle) {
      return;
    }
    this._body.replaceChildren();
    this._handle = renderGraph(this._body, graph, {
      words: this._options.words,
      onError: error => this._fail(error)
    });
    await this._handle.ready;
  }

  private _say(): void {
    const { trans, words } = this._options;
    const source = this._document?.source;
    const at = clock(source?.asOf);
    if (!source) {
      this._status.textContent = '';
    } else if (isEnded(source.state)) {
      this._status.textContent = words.states[source.state!];
    } else if (this._offline) {
      this._status.textContent = trans.__('Offline: %1', this._offline);
    } else if (this._live) {
      this._status.textContent = trans.__('Live');
    } else {
      this._status.textContent = at ? trans.__('Snapshot of %1', at) : trans.__('Snapshot');
    }
    this._status.title = source?.asOf ?? '';
  }

  private _openButton(): void {
    this._bar.querySelector('button')?.remove();
    const runId = this._document?.source?.runId;
    const open = runId === undefined ? null : this._options.openRun(runId);
    if (open) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = this._options.trans.__('Open run');
      button.addEventListener('click', open);
      this._bar.append(button);
    }
  }

  private get _visible(): boolean {
    return this._seen && document.visibilityState !== 'hidden';
  }

  /** Reads the run again where that is allowed, wanted and of use. */
  private _continue(): void {
    const source = this._document?.source;
    if (this._trusted && this._visible && source && !isEnded(source.state) && !this._reading) {
      const reading = new AbortController();
      this._reading = reading;
      void this._follow(source.runId, reading.signal);
    }
  }

  private async _follow(runId: string, signal: AbortSignal): Promise<void> {
    let pause = PERIOD;
    while (!signal.aborted) {
      try {
        const [{ readRun }, pipelines] = await Promise.all([
          import('./live'),
          this._options.pipelines()
        ]);
        const graph = await readRun(pipelines, runId, signal);
        if (signal.aborted) {
          return;
        }
        this._offline = '';
        this._live = true;
        pause = PERIOD;
        await this._show(graph);
        if (isEnded(graph.source?.state)) {
          this._stop();
          return;
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        // The snapshot stays; it says why it is one.
        this._offline = error instanceof Error ? error.message : String(error);
        pause = Math.min(SLOWEST, pause * 2);
        this._say();
      }
      await wait(pause, signal);
    }
  }

  private _stop(): void {
    this._reading?.abort();
    this._reading = null;
  }

  private _fail(error: unknown): void {
    this._stop();
    this._handle?.dispose();
    this._handle = null;
    const words = document.createElement('p');
    words.setAttribute('role', 'alert');
    const reason = error instanceof Error ? error.message : String(error);
    words.textContent = this._options.trans.__('The graph cannot be drawn: %1', reason);
    this._body.replaceChildren(words);
  }

  private readonly _onVisibility = (): void => {
    if (this._visible) {
      this._continue();
    } else {
      this._stop();
    }
  };

  private readonly _mimeType: string;
  private readonly _options: IGraphRendererOptions;
  private readonly _bar = document.createElement('div');
  private readonly _title = document.createElement('span');
  private readonly _status = document.createElement('span');
  private readonly _body = document.createElement('div');
  private _document: IGraphDocument | null = null;
  private _handle: IGraphHandle | null = null;
  private _observer?: IntersectionObserver;
  private _reading: AbortController | null = null;
  private _trusted = false;
  private _seen = false;
  private _live = false;
  private _offline = '';
}

/** The output as a document. @throws Error that says what is wrong with it */
function checked(data: unknown, trans: TranslationBundle): IGraphDocument {
  const graph = data as Partial<IGraphDocument> | null;
  if (graph === null || typeof graph !== 'object') {
    throw new Error(trans.__('the output is not a graph document.'));
  }
  if (graph.version !== 1) {
    throw new Error(trans.__('it has version %1, this extension knows 1.', String(graph.version)));
  }
  for (const part of ['nodes', 'edges'] as const) {
    if (!Array.isArray(graph[part]) || graph[part].some(one => typeof one?.id !== 'string')) {
      throw new Error(trans.__('"%1" has to be a list of objects with an id.', part));
    }
  }
  return graph as IGraphDocument;
}

function isEnded(state: GraphState | undefined): boolean {
  return state !== undefined && !['pending', 'running', 'paused'].includes(state);
}

/** The time of day, with the date when that is not today. */
function clock(iso: string | undefined): string {
  const at = new Date(iso ?? NaN);
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  if (Number.isNaN(at.getTime())) {
    return '';
  }
  return at.toDateString() === new Date().toDateString()
    ? at.toLocaleTimeString([], time)
    : at.toLocaleString([], { ...time, year: 'numeric', month: 'short', day: 'numeric' });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
