import { NotebookModel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import type { ITaskArtifact } from '../graph/tasks';
import { makeClient, makeRun, makeTask } from '../testing/pipelines';
import {
  artifactView,
  executedNotebook,
  isModel,
  metricRows,
  modelSeed,
  notebookPath,
  runOutputs,
  specParameters
} from './artifacts';
import { sealedReport } from './artifactPreview';
import { RunArtifactsDrive } from './drive';

const make = (change: Partial<ITaskArtifact>): ITaskArtifact => ({
  key: 'output',
  name: 'output',
  type: 'system.Artifact',
  uri: 'file:///runs/output',
  metadata: {},
  ...change
});
const notebook = make({ key: 'notebook', metadata: { display_name: 'digits.ipynb' } });
const task = makeTask('digits', {
  id: 'task/1',
  outputs: { parameters: {}, artifacts: [notebook] }
});

describe('artifacts', () => {
  it('hands over a model with where it is, what made it and what is told of it', () => {
    const model = make({
      type: 'system.Model',
      uri: '/artifacts/r1/model',
      metadata: { display_name: 'model', framework: 'xgboost', accuracy: 0.97, nested: {} }
    });
    expect([isModel(model), isModel(make({ type: 'Model' })), isModel(notebook)]).toEqual([
      true,
      true,
      false
    ]);
    expect(modelSeed({ id: 'r1', name: 'digits' }, model, 'team-a')).toEqual({
      uri: '/artifacts/r1/model',
      source: { kind: 'run', id: 'r1', name: 'digits', namespace: 'team-a' },
      properties: { framework: 'xgboost', accuracy: '0.97' }
    });
  });

  it.each([
    [{ metadata: { display_name: 'a.ipynb' } }, 'notebook'],
    [{ type: 'system.HTML' }, 'html'],
    [{ type: 'Markdown' }, 'markdown'],
    [{ type: 'system.Metrics' }, 'metrics'],
    [{ type: 'system.Model' }, 'file']
  ])('%j is shown as %s', (change, view) => {
    expect(artifactView(make(change))).toBe(view);
  });

  it('lists what a group hands on once, as its task wrote it', () => {
    const group = makeTask('root', {
      kind: 'root',
      scopePath: 'root',
      outputs: { parameters: {}, artifacts: [notebook] }
    });
    expect(runOutputs([group, task])).toEqual([{ task, artifact: notebook }]);
    expect(executedNotebook([group, task])?.task).toBe(task);
  });

  it('shows metrics, not names or nested metadata', () => {
    const metrics = make({ metadata: { accuracy: 0.99, display_name: 'm', nested: { a: 1 } } });
    expect(metricRows(metrics)).toEqual([{ key: 'accuracy', value: 0.99 }]);
  });

  it('reads parameters of a spec, with an earlier run’s values first', () => {
    const spec = {
      root: {
        inputDefinitions: {
          parameters: {
            lr: { parameterType: 'NUMBER_DOUBLE', defaultValue: 0.1, description: 'Step' },
            name: { parameterType: 'STRING' },
            flag: { parameterType: 'BOOLEAN', isOptional: true }
          }
        }
      }
    };
    expect(specParameters(spec, { lr: 0.5 })).toEqual([
      { name: 'lr', type: 'NUMBER_DOUBLE', default: 0.5, required: false, description: 'Step' },
      { name: 'name', type: 'STRING', default: undefined, required: true },
      { name: 'flag', type: 'BOOLEAN', default: undefined, required: false }
    ]);
    expect(specParameters(undefined)).toEqual([]);
  });

  it('seals reports against everything that they do not bring themselves', () => {
    const page = sealedReport('<script>alert(1)</script>');
    expect(page.indexOf("default-src 'none'")).toBeLessThan(page.indexOf('<script>'));
  });
});

describe('RunArtifactsDrive', () => {
  const run = makeRun(1);
  const trans = nullTranslator.load('jupyterlab_kubeflow');
  const drive = (content: string) =>
    new RunArtifactsDrive(
      makeClient({
        getRun: async () => run,
        getTasks: async () => [task],
        artifactContent: async uri =>
          ({ text: async () => (uri === notebook.uri ? content : '') }) as Response
      }),
      trans
    );
  const path = notebookPath(run.id, { task, artifact: notebook }).replace('KubeflowRuns:', '');

  it('opens an executed notebook read-only', async () => {
    const model = await drive('{"cells": []}').get(path);
    expect(model).toMatchObject({
      name: 'digits.ipynb',
      type: 'notebook',
      writable: false,
      content: { cells: [] }
    });
  });

  it('never lets a notebook claim that its outputs may run scripts', async () => {
    const cell = (metadata: string) => `{
      "cell_type": "code", "source": "", "execution_count": 1, "metadata": ${metadata},
      "outputs": [{
        "output_type": "display_data", "metadata": {"trusted": true},
        "data": {"text/html": "<script>alert(document.cookie)</script>"}
      }]
    }`;
    const claims = ['{"trusted": true}', '{"__proto__": {"trusted": true}}', '[]'];
    const hostile = `{"cells": [${claims.map(cell).join()}], "trusted": true}`;
    const { content } = await drive(hostile).get(path);
    // Yjs warns of what JupyterLab itself does with a cell's text.
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const model = new NotebookModel();
    model.fromJSON(content);
    warn.mockRestore();
    expect(model.cells).toHaveLength(3);
    for (const cell of model.cells) {
      const { outputs } = cell as typeof cell & { outputs: { get(at: 0): { trusted: boolean } } };
      expect([cell.trusted, outputs.get(0).trusted]).toEqual([false, false]);
    }
    model.dispose();
  });

  it('says what is wrong in words', async () => {
    for (const other of ['[]', '{"cells": 1}', '{"cells": [null]}', '{"worksheets": []}']) {
      await expect(drive(other).get(path)).rejects.toThrow('is not a notebook file');
    }
    await expect(drive('<html>').get(path)).rejects.toThrow(
      '“digits.ipynb” of run digits-1 is not a notebook file.'
    );
    await expect(drive('{}').get('run-1/other/key/x.ipynb')).rejects.toThrow(
      'Run digits-1 has no notebook “x.ipynb” any more.'
    );
    await expect(drive('{}').save()).rejects.toThrow('Save Notebook As…');
  });
});
