import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../../client/errors';
import { trainJobs, type ITrainJob } from '../../client/kubernetes/kinds';
import type { IServiceRequest } from '../../client/transport';
import { FakeKubernetes, status } from '../../testing/fakeKubernetes';
import { button, fill } from '../../testing/forms';
import { makeTrainerContext } from '../../testing/panelContext';
import { makeConnection } from '../../testing/pipelinesContext';
import { makeJob } from '../../testing/trainer';
import { makeKubernetes } from '../../ui/kubernetes/connection';
import type { ICreateSeed } from '../context';
import { CreateForm } from './createForm';
import { FormModel } from './formModel';
import type { IKeptForm } from './formState';
import { beginning } from './seeds';

const trans = nullTranslator.load('');
const RUNTIMES = ['plain', 'torch-distributed'].map(name => ({
  apiVersion: 'trainer.kubeflow.org/v1alpha1',
  kind: 'ClusterTrainingRuntime',
  metadata: {
    name,
    uid: name,
    labels: { 'trainer.kubeflow.org/framework': name.split('-')[0]! }
  },
  spec: {
    mlPolicy: { numNodes: 1, ...(name === 'plain' ? {} : { torch: {} }) },
    template: {
      spec: {
        replicatedJobs: [
          {
            name: 'node',
            template: {
              spec: { template: { spec: { containers: [{ name: 'node', image: 'python:3' }] } } }
            }
          }
        ]
      }
    }
  }
}));
const FUNCTION = {
  name: 'train',
  cell: 2,
  cell_id: 'c2',
  line: 1,
  source: 'def train(lr, steps=5): ...',
  parameters: [
    { name: 'lr', type: 'NUMBER_DOUBLE', default: null, required: true, description: '' },
    { name: 'steps', type: 'NUMBER_INTEGER', default: 5, required: false, description: '' }
  ],
  problems: [{ severity: 'warning', message: '`train` uses `np`.', cell: 2, line: 1 }]
};

function open(
  options: {
    seed?: ICreateSeed;
    server?: FakeKubernetes;
    kept?: IKeptForm;
    files?: Record<string, unknown>;
    notebook?: string;
    answer?: (request: IServiceRequest) => unknown;
  } = {}
) {
  const {
    seed = {},
    server = new FakeKubernetes({
      clustertrainingruntimes: RUNTIMES,
      trainingruntimes: [],
      trainjobs: []
    }),
    files = {}
  } = options;
  const asked: IServiceRequest[] = [];
  const jupyter = {
    json: async (request: IServiceRequest) => {
      asked.push(request);
      return options.answer?.(request) ?? { functions: [FUNCTION] };
    }
  };
  const app = {
    serviceManager: {
      contents: {
        get: async (path: string) => {
          if (!(path in files)) {
            throw new Error(`There is no ${path}.`);
          }
          return { content: files[path] };
        }
      }
    }
  };
  const notebooks = options.notebook
    ? { currentWidget: { context: { path: options.notebook } } }
    : null;
  const services = { app, notebooks };
  const context = makeTrainerContext(server, makeConnection(), { server: jupyter, services });
  const keep = jest.fn<void, [IKeptForm]>();
  const created = jest.fn<void, [ITrainJob]>();
  const model = new FormModel({
    begin: () => beginning(context, seed),
    kept: options.kept,
    services: context.services,
    server: jupyter as never,
    kubernetes: makeKubernetes(server),
    namespace: () => 'team-a',
    keep,
    trans
  });
  const view = render(<CreateForm context={context} model={model} onCreated={created} />);
  return { server, model, keep, created, asked, ...view };
}

const yaml = () =>
  screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'YAML of the training job' });

async function stored(server: FakeKubernetes): Promise<ITrainJob[]> {
  return makeKubernetes(server).client.resource(trainJobs).list({ namespace: 'team-a' });
}

it('makes a job of a file, started by the convention of the runtime', async () => {
  const { server, created, keep } = open({
    seed: { path: 'work/train.py' },
    files: { 'work/train.py': 'print(1)\n' }
  });
  await userEvent.click(await screen.findByRole('radio', { name: /torch-distributed/ }));
  await waitFor(() => expect(yaml().value).toContain('exec torchrun "train.py" "$@"'));
  await fill('Nodes', '2');
  await userEvent.click(button('Add an argument'));
  await fill('Argument 1', '--epochs=3');
  await userEvent.click(button('Create'));
  await waitFor(() => expect(created).toHaveBeenCalledTimes(1));
  const [job] = await stored(server);
  expect(job?.metadata?.name).toMatch(/^train-[a-z0-9]{5}$/);
  expect(job?.metadata?.namespace).toBe('team-a');
  expect(job?.spec.runtimeRef).toEqual({
    kind: 'ClusterTrainingRuntime',
    name: 'torch-distributed'
  });
  expect(job?.spec.trainer).toMatchObject({ numNodes: 2, args: ['--epochs=3'] });
  expect(keep.mock.calls.at(-1)?.[0].created).toBe(true);
});

/** A server with runtimes of which none is taken by itself. */
const undecided = () =>
  new FakeKubernetes({
    clustertrainingruntimes: ['jax', 'mlx'].map(name => ({
      ...RUNTIMES[0]!,
      metadata: { name, uid: name, labels: { 'trainer.kubeflow.org/framework': name } }
    })),
    trainingruntimes: [],
    trainjobs: []
  });

it('says at the fields what is wrong before it asks the server, and goes there', async () => {
  const { server } = open({ server: undecided() });
  await screen.findByRole('radio', { name: /jax/ });
  await fill('Nodes', 'two');
  await userEvent.click(button('Create'));
  const nodes = screen.getByLabelText('Nodes');
  expect(screen.getByRole('radio', { name: /jax/ })).toHaveFocus();
  expect(screen.getByLabelText('What to train')).toHaveAccessibleDescription(/no code yet/);
  expect(nodes).toHaveAccessibleDescription('This must be a whole number from 1 on.');
  expect(screen.getByRole('radiogroup')).toHaveAccessibleDescription(
    'Choose the runtime to train with.'
  );
  expect(server.requests.filter(each => each.startsWith('POST') && /trainjobs/.test(each))).toEqual(
    []
  );
  await fill('Nodes', '2');
  expect(nodes).toBeValid();
});

it('begins with the keyboard in its first field and a runtime that needs no framework', async () => {
  const { container } = open();
  expect(screen.getByLabelText('Name')).toHaveFocus();
  expect(await screen.findByRole('radio', { name: /plain/ })).toBeChecked();
  expect(container.querySelectorAll('[role="alert"]')).toHaveLength(0);
});

it('leaves the keyboard to who went on meanwhile', () => {
  const other = document.body.appendChild(document.createElement('button'));
  other.focus();
  open();
  expect(other).toHaveFocus();
  other.remove();
});

it('makes a pasted job that names no namespace in that of the form', async () => {
  const { server, created } = open();
  await screen.findByRole('radio', { name: /plain/ });
  const pasted = yaml()
    .value.replace(/\n +namespace: .*/, '')
    .replace('spec:', 'spec:\n  trainer:\n    command: [python]');
  expect(pasted).not.toContain('namespace');
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(pasted);
  await userEvent.click(button('Create'));
  await waitFor(() => expect(created).toHaveBeenCalled());
  const sent = server.requests.filter(each => /^POST .*trainjobs$/.test(each));
  expect(new Set(sent)).toEqual(
    new Set(['POST /apis/trainer.kubeflow.org/v1alpha1/namespaces/team-a/trainjobs'])
  );
  expect(yaml().value).toBe(pasted);
});

it('shows edits of the YAML in the form, and those of the form in the YAML with its comments', async () => {
  open();
  await screen.findByRole('radio', { name: /plain/ });
  const typed = yaml().value.replace('spec:', 'spec:\n  # mine\n  trainer:\n    numNodes: 4');
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(typed);
  expect(screen.getByLabelText('Nodes')).toHaveValue('4');
  await fill('Nodes', '6');
  expect(yaml().value).toContain('# mine');
  expect(yaml().value).toContain('numNodes: 6');
});

it('keeps a YAML that does not parse, names the line and locks the form until it is mended', async () => {
  open();
  await screen.findByRole('radio', { name: /plain/ });
  const { value } = yaml();
  await userEvent.click(yaml());
  await userEvent.paste('\n a: [');
  expect(screen.getByRole('alert')).toHaveTextContent(/Line \d+ is no YAML: .*The form waits/);
  expect(screen.getByLabelText('Nodes')).toBeDisabled();
  expect(button('Create')).toHaveAttribute('aria-disabled', 'true');
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(value);
  expect(screen.getByLabelText('Nodes')).toBeEnabled();
});

it('calls a function with typed arguments', async () => {
  const { asked } = open({
    seed: { path: 'work.ipynb', cell: 'c2' },
    files: {
      'work.ipynb': {
        cells: [{ cell_type: 'code', source: 'x', outputs: [1], execution_count: 3 }]
      }
    }
  });
  expect(
    await screen.findByRole('option', { name: 'train (cell 2)', selected: true })
  ).toBeVisible();
  expect(asked[0]).toMatchObject({
    path: '/notebook/functions',
    json: { path: 'work.ipynb', notebook: { cells: [{ outputs: [], execution_count: null }] } }
  });
  expect(screen.getByText('np', { selector: 'code' })).toBeVisible();
  await fill(/^lr/, '1');
  expect(yaml().value).toContain("train(**{'lr': 1.0})");
  await fill(/^steps/, 'x');
  await userEvent.tab();
  expect(screen.getByLabelText(/^steps/)).toBeInvalid();
  await fill(/^steps/, '7');
  expect(yaml().value).toContain("train(**{'lr': 1.0, 'steps': 7})");
});

it('shows what is wrong with a field that was left by a press only when that is over', async () => {
  open({ seed: { path: 'a.py' }, files: { 'a.py': '1' } });
  const runtime = await screen.findByRole('radio', { name: /plain/ });
  await fill(/^Nodes/, 'many');
  const user = userEvent.setup();
  await user.pointer({ keys: '[MouseLeft>]', target: runtime });
  expect(screen.getByLabelText(/^Nodes/)).toBeValid();
  await user.pointer({ keys: '[/MouseLeft]', target: runtime });
  await waitFor(() => expect(screen.getByLabelText(/^Nodes/)).toBeInvalid());
});

it('keeps code that was changed in the YAML, until the file’s is asked for', async () => {
  open({ seed: { path: 'a.py' }, files: { 'a.py': 'print(1)' } });
  await waitFor(() => expect(yaml().value).toContain('print(1)'));
  const typed = yaml().value.replace('print(1)', 'print(2)');
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(typed);
  expect(screen.getByText(/changed in the YAML/)).toBeVisible();
  await userEvent.click(button('Take the file’s code'));
  await waitFor(() => expect(yaml().value).toContain('print(1)'));
  expect(screen.queryByText(/changed in the YAML/)).toBeNull();
});

it('says why a file cannot be read', async () => {
  open({ seed: { path: 'gone.py' } });
  expect(await screen.findByText('There is no gone.py.')).toBeVisible();
  expect(screen.getByLabelText('Python file')).toBeInvalid();
  await userEvent.click(button('Create'));
  expect(screen.queryByText(/no code yet/)).toBeNull();
  expect(screen.getByLabelText('Python file')).toHaveFocus();
});

it('shows what the server refuses at its field, and what has none above the form', async () => {
  const { server, created } = open({ seed: { path: 'a.py' }, files: { 'a.py': '1' } });
  await userEvent.click(await screen.findByRole('radio', { name: /plain/ }));
  server.onWrite = () => {
    throw status(
      403,
      'Forbidden',
      'admission webhook "v" denied the request: spec.trainer.numNodes: Invalid value: 9'
    );
  };
  await userEvent.click(button('Check'));
  expect(await screen.findByText('Invalid value: 9.')).toBeVisible();
  server.onWrite = () => {
    throw status(403, 'Forbidden', 'exceeded quota: q, requested: a=1, used: a=1, limited: a=1');
  };
  await userEvent.click(button('Create'));
  expect(await screen.findByText(/The quota “q” of the namespace/)).toBeVisible();
  expect(screen.queryByText('Invalid value: 9.')).toBeNull();
  server.onWrite = (_, __, dryRun) => {
    if (!dryRun) {
      throw new ApiError({
        service: 'kubernetes',
        status: 0,
        reason: 'Unreachable',
        message: 'Gone.'
      });
    }
  };
  await userEvent.click(button('Create'));
  expect(await screen.findByText('Gone.')).toBeVisible();
  expect(created).not.toHaveBeenCalled();
  server.onWrite = undefined;
  await userEvent.click(button('Check'));
  expect(await screen.findByText('The server accepts this.')).toBeVisible();
  expect(await stored(server)).toEqual([]);
});

it('clones a job: all of its spec under a new name, with other nodes', async () => {
  const job = makeJob('mnist-abcde', {
    spec: {
      runtimeRef: { kind: 'ClusterTrainingRuntime', name: 'plain' },
      trainer: { numNodes: 2, command: ['python', 'train.py'], image: 'own' }
    }
  });
  const { server } = open({ seed: { job } });
  expect(await screen.findByRole('radio', { name: /plain/ })).toBeChecked();
  expect(screen.getByLabelText('Part 2')).toHaveValue('train.py');
  await fill('Nodes', '4');
  await userEvent.click(button('Create'));
  await waitFor(async () => expect(await stored(server)).toHaveLength(1));
  const [made] = await stored(server);
  expect(made?.metadata?.name).toMatch(/^mnist-[a-z0-9]{5}$/);
  expect(made?.metadata?.name).not.toBe('mnist-abcde');
  expect(made?.spec).toEqual({ ...job.spec, trainer: { ...job.spec.trainer, numNodes: 4 } });
  expect(made).not.toHaveProperty('status');
});

it('brings back what was typed, under another name when a job was made of it', async () => {
  const first = open({ seed: { path: 'a.py' }, files: { 'a.py': '1' } });
  await userEvent.click(await screen.findByRole('radio', { name: /plain/ }));
  await fill('Nodes', '3');
  await userEvent.click(button('Create'));
  await waitFor(() => expect(first.created).toHaveBeenCalled());
  const kept = first.keep.mock.calls.at(-1)![0];
  const name = first.created.mock.calls[0]![0].metadata?.name;
  first.unmount();
  open({ seed: { path: 'a.py' }, files: { 'a.py': 'newer' }, kept });
  expect(await screen.findByText(/what you have typed here last/)).toBeVisible();
  expect(screen.getByLabelText('Nodes')).toHaveValue('3');
  expect(screen.getByLabelText('Name')).not.toHaveValue(name);
  await waitFor(() => expect(yaml().value).toContain('newer'));
  await userEvent.click(button('Begin anew'));
  expect(screen.getByLabelText('Nodes')).toHaveValue('');
});

describe('runtimes', () => {
  it('that may not be listed are named by hand, with what to ask for', async () => {
    const server = new FakeKubernetes({
      clustertrainingruntimes: [],
      trainingruntimes: [],
      trainjobs: []
    });
    server.forbidden.add('list clustertrainingruntimes').add('list trainingruntimes');
    open({ server });
    expect(
      await screen.findByText(/You may not list ClusterTrainingRuntimes/, undefined, {
        timeout: 5000
      })
    ).toBeVisible();
    await fill('Name of the runtime', 'torch');
    expect(yaml().value).toContain('name: torch');
  });

  it('that do not exist are said to be absent', async () => {
    const server = new FakeKubernetes({
      clustertrainingruntimes: [],
      trainingruntimes: [],
      trainjobs: []
    });
    open({ server });
    expect(await screen.findByText(/There are no training runtimes yet/)).toBeVisible();
  });
});

it('says when Trainer is not installed, once', async () => {
  open({ server: new FakeKubernetes({}) });
  expect(await screen.findByText(/does not know ClusterTrainingRuntime/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'How to install Kubeflow Trainer' })).toBeVisible();
});

it('begins with the notebook that was used last, for a function', async () => {
  open({ files: { 'open.ipynb': { cells: [] } }, notebook: 'open.ipynb' });
  await userEvent.selectOptions(screen.getByLabelText('What to train'), 'function');
  expect(screen.getByLabelText('Notebook')).toHaveValue('open.ipynb');
  expect(await screen.findByRole('option', { name: 'train (cell 2)' })).toBeVisible();
  await userEvent.selectOptions(screen.getByLabelText('What to train'), 'file');
  expect(screen.getByLabelText('Python file')).toHaveValue('');
});

it('takes variables and devices by the keyboard', async () => {
  open();
  await screen.findByRole('radio', { name: /plain/ });
  await userEvent.click(button('Add a device'));
  await waitFor(() => expect(screen.getByLabelText('Device 1: Resource')).toHaveFocus());
  await userEvent.keyboard('nvidia.com/gpu{Tab}2');
  expect(yaml().value).toMatch(/limits:\n +nvidia.com\/gpu: 2/);
  await userEvent.keyboard('{Enter}');
  const list = screen.getByRole('group', { name: 'GPUs and other devices per node' });
  await waitFor(() => expect(within(list).getByLabelText('Device 2: Resource')).toHaveFocus());
  await userEvent.click(within(list).getByRole('button', { name: 'Remove Device 1' }));
  expect(yaml().value).not.toContain('nvidia');
});

it('keeps a refusal at its row when rows come and go', async () => {
  const { server } = open({ seed: { path: 'a.py' }, files: { 'a.py': '1' } });
  await userEvent.click(await screen.findByRole('radio', { name: /plain/ }));
  await userEvent.click(button('Add a device'));
  await userEvent.click(button('Add a device'));
  await fill('Device 2: Resource', 'example.org/fpga');
  await fill('Device 2: Number', '3');
  server.onWrite = () => {
    const field = 'spec.trainer.resourcesPerNode.limits.example.org/fpga';
    const causes = [{ field, message: 'must be even' }];
    throw status(422, 'Invalid', 'invalid', { causes });
  };
  await userEvent.click(button('Check'));
  await waitFor(() =>
    expect(screen.getByLabelText('Device 2: Resource')).toHaveAccessibleDescription('Must be even.')
  );
  expect(screen.getByLabelText('Device 1: Resource')).not.toBeInvalid();
  await userEvent.click(button('Remove Device 1'));
  expect(screen.getByLabelText('Device 1: Resource')).toHaveAccessibleDescription('Must be even.');
  await fill('Device 1: Number', '4');
  expect(screen.getByLabelText('Device 1: Resource')).not.toBeInvalid();
});

it('says who may create, on the button', async () => {
  const server = new FakeKubernetes({
    clustertrainingruntimes: RUNTIMES,
    trainingruntimes: [],
    trainjobs: []
  });
  server.forbidden.add('create trainjobs');
  await act(async () => {
    open({ server });
  });
  await waitFor(() =>
    expect(button('Create')).toHaveAccessibleDescription(/You may not create TrainJobs in team-a/)
  );
});

it('takes a command that is pasted as YAML for a command, where no file was chosen', async () => {
  const { model } = open();
  await screen.findByRole('radio', { name: /plain/ });
  const pasted = yaml().value.replace('spec:', 'spec:\n  trainer:\n    command: [python]');
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(pasted);
  expect(screen.getByLabelText('What to train')).toHaveValue('command');
  expect(screen.getByLabelText('Part 1')).toHaveValue('python');
  expect(screen.queryByLabelText('Python file')).toBeNull();
  expect(model.state.handmade).toBe(false);
});

it('says of a YAML that is broken only that', async () => {
  const { model } = open();
  await screen.findByRole('radio', { name: /plain/ });
  await act(async () => {
    model.editText('kind: Job');
    await model.check();
  });
  expect(screen.getByText(/must stay a TrainJob/)).toBeVisible();
  act(() => model.editText('kind: ['));
  expect(screen.queryByText(/must stay a TrainJob/)).toBeNull();
  expect(screen.getByText(/Line 1 is no YAML/)).toBeVisible();
});

it('refuses a name that is too long for the pods of the runtime', async () => {
  const { server } = open({ seed: { path: 'a.py' }, files: { 'a.py': '1' } });
  await userEvent.click(await screen.findByRole('radio', { name: /plain/ }));
  await fill('Name', 'a'.repeat(49));
  await userEvent.click(button('Check'));
  expect(screen.getByLabelText('Name')).toHaveAccessibleDescription(/at most 48 characters/);
  await fill('Name', 'a'.repeat(48));
  await userEvent.click(button('Check'));
  expect(await screen.findByText('The server accepts this.')).toBeVisible();
  expect(await stored(server)).toEqual([]);
});

it('keeps whether the name was typed', async () => {
  const { model, keep } = open({ seed: { path: 'a.py' }, files: { 'a.py': '1' } });
  const { generated } = model.state;
  expect(generated).toBe(model.state.sides.draft.name);
  await screen.findByRole('radio', { name: /plain/ });
  await fill('Name', 'mine');
  await waitFor(() => expect(keep.mock.calls.at(-1)?.[0].text).toContain('mine'));
  expect(keep.mock.calls.at(-1)?.[0].generated).toBe(generated);
});

describe('a volume claim', () => {
  const objects = () => ({
    clustertrainingruntimes: RUNTIMES,
    trainingruntimes: [],
    trainjobs: [],
    persistentvolumeclaims: []
  });
  beforeAll(() => {
    // As JupyterLab's style does; a closed `<dialog>` would be hidden.
    const style = document.createElement('style');
    style.textContent = '.jp-Dialog { display: flex; }';
    document.head.append(style);
  });

  const dialog = async () => within(await screen.findByRole('dialog'));

  it('is made beside its field, for as many nodes as the job has', async () => {
    const server = new FakeKubernetes(objects());
    open({ server });
    await screen.findByRole('radio', { name: /plain/ });
    await fill('Nodes', '2');
    await fill('Volume claim for checkpoints', 'digits');
    await screen.findByText(/no such claim in team-a/);
    await userEvent.click(button('Create claim…'));
    const fields = await dialog();
    expect(fields.getByLabelText('Name of the claim')).toHaveValue('digits');
    expect(fields.getByLabelText('Access mode')).toHaveValue('ReadWriteMany');
    expect(fields.getByLabelText('Access mode')).toHaveAccessibleDescription(/storage class/);
    await fill('Size', 'big');
    await userEvent.click(fields.getByRole('button', { name: 'Create claim' }));
    expect(fields.getByLabelText('Size')).toBeInvalid();
    await fill('Size', '2Gi');
    server.onWrite = () => {
      throw status(403, 'Forbidden', 'exceeded quota: q, requested: a=1, used: a=1, limited: a=1');
    };
    await userEvent.click(fields.getByRole('button', { name: 'Create claim' }));
    expect(await fields.findByText(/The quota “q” of the namespace/)).toBeVisible();
    let sent: unknown;
    server.onWrite = (_, body) => (sent = body);
    await userEvent.click(fields.getByRole('button', { name: 'Create claim' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(sent).toMatchObject({
      metadata: { name: 'digits', namespace: 'team-a' },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '2Gi' } } }
    });
    expect(screen.queryByText(/no such claim/)).toBeNull();
    expect(screen.getByLabelText('Mounted at')).toHaveValue('/checkpoints');
    expect(yaml().value).toContain('claimName: digits');
  });

  it('is for one machine where there is one node, and nothing changes when the dialog is left', async () => {
    open({ server: new FakeKubernetes(objects()) });
    await screen.findByRole('radio', { name: /plain/ });
    const before = yaml().value;
    await userEvent.click(button('Create claim…'));
    const fields = await dialog();
    expect(fields.getByLabelText('Access mode')).toHaveValue('ReadWriteOnce');
    await userEvent.click(fields.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(yaml().value).toBe(before);
  });

  it('cannot be made by who may not, with the reason on the button', async () => {
    const server = new FakeKubernetes(objects());
    server.forbidden.add('create persistentvolumeclaims');
    open({ server });
    await waitFor(() =>
      expect(button('Create claim…')).toHaveAccessibleDescription(
        /You may not create PersistentVolumeClaims in team-a/
      )
    );
  });
});
