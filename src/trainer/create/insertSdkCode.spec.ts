import { nullTranslator } from '@jupyterlab/translation';

import type { TrainerContext } from '../context';
import type { FormModel } from './formModel';
import { insertSdkCode } from './insertSdkCode';
import { newJob } from './model';
import { sidesOf } from '../../ui/kubernetes/form/sides';
import { trainJobCodec } from './codec';

jest.mock('@jupyterlab/notebook', () => ({
  NotebookActions: {
    insertBelow: (content: IContent) => {
      content.activeCellIndex += 1;
      content.inserted = content.activeCellIndex;
    }
  }
}));

interface IContent {
  activeCellIndex: number;
  inserted?: number;
  mode?: string;
  activeCell: unknown;
}

const FOUND = { name: 'train', cell: 3, source: 'def train(): ...', parameters: [] };

function insert(
  options: {
    path?: string;
    problem?: object;
    open?: boolean;
    generated?: string;
    wrong?: boolean;
  } = {}
) {
  const setSource = jest.fn<void, [string]>();
  const setMetadata = jest.fn();
  const content: IContent = {
    activeCellIndex: 0,
    activeCell: { model: { sharedModel: { setSource }, setMetadata } }
  };
  const panel = { id: 'p', content, revealed: Promise.resolve(), context: { path: 'work.ipynb' } };
  const context = {
    trans: nullTranslator.load(''),
    kubeflow: { connection: { state: null } },
    services: { notebooks: { currentWidget: options.open === false ? null : panel }, app: null }
  } as unknown as TrainerContext;
  const model = {
    state: {
      sides: { ...sidesOf(trainJobCodec(), newJob('a', '')), problem: options.problem },
      origin: {
        kind: 'function',
        path: options.path ?? 'work.ipynb',
        function: 'train',
        texts: {}
      },
      handmade: false,
      generated: options.generated
    },
    function: FOUND,
    passes: () => !options.wrong
  } as unknown as FormModel;
  return { done: insertSdkCode(context, model), content, setSource, setMetadata };
}

it('puts the code below the function, where runs of the notebook leave it out', async () => {
  const { done, content, setSource, setMetadata } = insert();
  await done;
  expect(content.inserted).toBe(3);
  expect(setSource.mock.calls[0]?.[0]).toContain('func=train,');
  expect(setSource.mock.calls[0]?.[0]).not.toContain('def train');
  expect(setMetadata).toHaveBeenCalledWith('tags', ['skip-execution']);
});

it('brings the function into another notebook, below its active cell', async () => {
  const { done, content, setSource } = insert({ path: 'other.ipynb' });
  await done;
  expect(content.inserted).toBe(1);
  expect(setSource.mock.calls[0]?.[0]).toContain('def train(): ...');
});

it('names the job only where its name was typed', async () => {
  const typed = insert({ generated: 'b' });
  await typed.done;
  expect(typed.setSource.mock.calls[0]?.[0]).toContain("Name(name='a')");
  const generated = insert({ generated: 'a' });
  await generated.done;
  expect(generated.setSource.mock.calls[0]?.[0]).not.toContain('Name');
});

it('says what is missing', async () => {
  await expect(insert({ open: false }).done).rejects.toThrow(/No notebook is open/);
  await expect(insert({ problem: { line: 1 } }).done).rejects.toThrow(/mended first/);
});

it('inserts nothing while the form is wrong', async () => {
  const { done, content } = insert({ wrong: true });
  await done;
  expect(content.inserted).toBeUndefined();
});
