import { type Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IPipelinesClient } from '../client/pipelines';
import { RUNS_DRIVE } from './artifacts';

/**
 * A read-only drive of the notebooks that runs have written: `KubeflowRuns:RUN/TASK/KEY/NAME.ipynb`. JupyterLab opens them as notebooks,
 * and nothing is written into the user's folder; *Save notebook as…* keeps a copy elsewhere.
 */
export class RunArtifactsDrive implements Contents.IDrive {
  constructor(
    private readonly client: Pick<IPipelinesClient, 'getRun' | 'getTasks' | 'artifactContent'>,
    private readonly trans: TranslationBundle
  ) {}

  readonly name = RUNS_DRIVE;
  readonly serverSettings = ServerConnection.makeSettings();

  get fileChanged(): ISignal<this, Contents.IChangedArgs> {
    return this._fileChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** A notebook, or an empty folder for every other path. Rejects with `ApiError` when the run or its content cannot be read. */
  async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const parts = localPath.split('/').filter(part => part !== '');
    if (parts.length < 4) {
      return folder(localPath);
    }
    const [runId, taskId, key] = parts.slice(0, 3).map(decodeURIComponent);
    const run = await this.client.getRun(runId!);
    const model: Contents.IModel = {
      name: parts[parts.length - 1]!,
      path: localPath,
      type: 'notebook',
      format: 'json',
      mimetype: 'application/x-ipynb+json',
      writable: false,
      created: run.createdAt,
      last_modified: run.finishedAt ?? run.createdAt,
      content: null
    };
    if (options?.content === false) {
      return { ...model, format: null };
    }
    const tasks = await this.client.getTasks(run);
    const artifact = tasks
      .find(task => task.id === taskId)
      ?.outputs.artifacts.find(output => output.key === key);
    if (!artifact?.uri) {
      throw new Error(this.trans.__('Run %1 has no notebook “%2” any more.', run.name, model.name));
    }
    const response = await this.client.artifactContent(artifact.uri);
    const text = await response.text();
    const content = readNotebook(text);
    if (!content) {
      throw new Error(
        this.trans.__('“%1” of run %2 is not a notebook file.', model.name, run.name)
      );
    }
    return { ...model, content };
  }

  getDownloadUrl(localPath: string): Promise<string> {
    return this.get(localPath).then(model =>
      URL.createObjectURL(
        new Blob([JSON.stringify(model.content, null, 1)], { type: 'application/x-ipynb+json' })
      )
    );
  }

  async listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return [];
  }

  newUntitled(): Promise<Contents.IModel> {
    return this.refuse();
  }

  delete(): Promise<void> {
    return this.refuse();
  }

  rename(): Promise<Contents.IModel> {
    return this.refuse();
  }

  save(): Promise<Contents.IModel> {
    return this.refuse();
  }

  copy(): Promise<Contents.IModel> {
    return this.refuse();
  }

  createCheckpoint(): Promise<Contents.ICheckpointModel> {
    return this.refuse();
  }

  restoreCheckpoint(): Promise<void> {
    return this.refuse();
  }

  deleteCheckpoint(): Promise<void> {
    return this.refuse();
  }

  private refuse(): Promise<never> {
    return Promise.reject(
      new Error(
        this.trans.__(
          'What a run has written cannot be changed. Use Save Notebook As… to keep a copy in your folder.'
        )
      )
    );
  }

  private readonly _fileChanged = new Signal<this, Contents.IChangedArgs>(this);
  private _isDisposed = false;
}

/**
 * A notebook of format 4 from its file, without the trust that its cells claim: JupyterLab believes `metadata.trusted`, which the Jupyter
 * server's contents API sets only for notebooks with its signature, and would run the scripts of their outputs. `null` for anything else.
 */
function readNotebook(text: string): object | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(content) || !Array.isArray(content['cells']) || !content['cells'].every(isCell)) {
    return null;
  }
  const { nbformat, nbformat_minor: minor, metadata, cells } = content;
  return {
    ...content,
    nbformat: typeof nbformat === 'number' ? nbformat : 4,
    nbformat_minor: typeof minor === 'number' ? minor : 5,
    metadata: isObject(metadata) ? metadata : {},
    cells: cells.map(cell => ({ ...cell, metadata: withoutTrust(cell['metadata']) }))
  };
}

function withoutTrust(metadata: unknown): Record<string, unknown> {
  return isObject(metadata)
    ? Object.fromEntries(
        Object.entries(metadata).filter(([key]) => key !== 'trusted' && key !== '__proto__')
      )
    : {};
}

function isCell(value: unknown): value is Record<string, unknown> {
  return isObject(value) && typeof value['cell_type'] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function folder(path: string): Contents.IModel {
  return {
    name: path.split('/').pop() ?? '',
    path,
    type: 'directory',
    format: 'json',
    mimetype: '',
    writable: false,
    created: '',
    last_modified: '',
    content: []
  };
}
