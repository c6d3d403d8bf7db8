import { nullTranslator } from '@jupyterlab/translation';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { type IExperiment, tuningExperiments } from '../../client/kubernetes/kinds';
import type { IServiceRequest } from '../../client/transport';
import { FakeKubernetes, status } from '../../testing/fakeKubernetes';
import { button, fill } from '../../testing/forms';
import { makeExperiment } from '../../testing/katib';
import { makeKatibContext } from '../../testing/panelContext';
import { makeConnection } from '../../testing/pipelinesContext';
import { makeJob } from '../../testing/trainer';
import { makeKubernetes } from '../../ui/kubernetes/connection';
import { scriptCommand } from '../../ui/training/script';
import type { StudyKind } from '../context';
import { CreateForm } from './createForm';
import { FormModel } from './formModel';
import type { IKeptForm } from './formState';
import { beginning, type ICreateSeed } from './seeds';

const trans = nullTranslator.load('');
const RUNTIME = {
  apiVersion: 'trainer.kubeflow.org/v1alpha1',
  kind: 'ClusterTrainingRuntime',
  metadata: { name: 'torch', uid: 'torch', labels: { 'trainer.kubeflow.org/framework': 'torch' } },
  spec: {
    mlPolicy: { numNodes: 1, torch: {} },
    template: { spec: { replicatedJobs: [] } }
  }
};
const parameter = (name: string, type: string, value: unknown, required = false) => ({
  name,
  flag: `--${name}`,
  type,
  default: value,
  required,
  description: '',
  choices: []
});
const TRIAL = {
  script: 'print("loss=1")\n',
  parameters: [
    parameter('lr', 'NUMBER_DOUBLE', 0.01),
    parameter('kind', 'STRING', 'a'),
    parameter('seed', 'NUMBER_INTEGER', 1)
  ],
  metrics: ['loss', 'val_loss'],
  problems: [{ severity: 'warning', message: 'No cell is tagged `metrics`.', cell: 2, line: 1 }]
};

function open(
  options: {
    seed?: ICreateSeed;
    kind?: StudyKind;
    server?: FakeKubernetes;
    kept?: IKeptForm;
    trial?: object;
    fails?: string;
  } = {}
) {
  const {
    seed = { path: 'work/fit.ipynb' },
    kind = 'Experiment',
    server = new FakeKubernetes({
      clustertrainingruntimes: [RUNTIME],
      trainingruntimes: [],
      trainjobs: [
        makeJob('digits', { spec: { trainer: { args: ['--lr=0.1', '--epochs', '3'] } } } as never)
      ],
      experiments: [],
      optimizationjobs: []
    })
  } = options;
  const asked: IServiceRequest[] = [];
  const jupyter = {
    json: async (request: IServiceRequest) => {
      asked.push(request);
      if (options.fails) {
        throw new Error(options.fails);
      }
      return request.path === '/notebook/functions'
        ? {
            functions: [
              { name: 'load', cell: 1, cell_id: 'c1' },
              { name: 'fit', cell: 2, cell_id: 'c2' }
            ]
          }
        : (options.trial ?? TRIAL);
    }
  };
  const app = { serviceManager: { contents: { get: async () => ({ content: { cells: [] } }) } } };
  const context = makeKatibContext(server, makeConnection(), {
    server: jupyter,
    services: { app }
  });
  const keep = jest.fn<void, [IKeptForm]>();
  const created = jest.fn();
  const model = new FormModel({
    kind,
    begin: () => beginning(context, kind, seed),
    kept: options.kept,
    services: context.services,
    server: jupyter as never,
    kubernetes: makeKubernetes(server),
    namespace: () => 'team-a',
    keep,
    trans
  });
  render(<CreateForm context={context} model={model} onCreated={created} />);
  return { server, model, keep, created, asked };
}

const yaml = () =>
  screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'YAML of the tuning experiment' });

async function stored(server: FakeKubernetes): Promise<IExperiment[]> {
  return makeKubernetes(server).client.resource(tuningExperiments).list({ namespace: 'team-a' });
}

it('makes an experiment of a notebook: its parameters are the space, its metrics the objective', async () => {
  const { server, created, keep } = open();
  expect(await screen.findByRole('checkbox', { name: /^lr is 0.01/ })).toBeChecked();
  expect(screen.getByRole('checkbox', { name: /^seed/ })).not.toBeChecked();
  expect(screen.getByRole('status')).toHaveTextContent('Cell 2: No cell is tagged metrics.');
  expect(screen.getByLabelText('lr: type')).toHaveValue('double');
  expect(screen.getByLabelText('Metric')).toHaveValue('val_loss');
  expect(screen.getByLabelText('Better is')).toHaveValue('minimize');
  await userEvent.click(screen.getByRole('checkbox', { name: /^kind/ }));
  await fill('kind: choices', 'a, b');
  await userEvent.click(await screen.findByRole('radio', { name: /torch/ }));
  await fill('Trials', '4');
  await userEvent.click(button('Create'));
  await waitFor(() => expect(created).toHaveBeenCalledTimes(1));
  const [made] = await stored(server);
  expect(made?.metadata?.name).toMatch(/^fit-[a-z0-9]{5}$/);
  expect(made?.spec.maxTrialCount).toBe(4);
  expect(made?.spec.objective).toEqual({
    type: 'minimize',
    objectiveMetricName: 'val_loss',
    additionalMetricNames: ['loss']
  });
  expect(made?.spec.parameters?.map(({ name }) => name)).toEqual(['lr', 'kind']);
  expect(made?.spec.trialTemplate?.trialParameters).toEqual([
    { name: 'lr', reference: 'lr' },
    { name: 'kind', reference: 'kind' }
  ]);
  const run = made?.spec.trialTemplate?.trialSpec as {
    spec: { trainer: { args: string[]; command: string[] } };
  };
  expect(run.spec.trainer.args).toEqual([
    '--lr=${trialParameters.lr}',
    '--kind=${trialParameters.kind}'
  ]);
  expect(run.spec.trainer.command[2]).toContain('exec torchrun "fit.py" "$@"');
  expect(keep.mock.calls.at(-1)?.[0].created).toBe(true);
});

it('says at the fields what is wrong before it asks the server, and goes there', async () => {
  const { server } = open({ seed: {} });
  await screen.findByRole('radio', { name: /torch/ });
  await userEvent.click(button('Create'));
  expect(screen.getByLabelText('What to tune')).toHaveFocus();
  expect(screen.getByLabelText('What to tune')).toHaveAccessibleDescription(/no code yet/);
  expect(screen.getByLabelText('Metric')).toHaveAccessibleDescription(/made better/);
  expect(screen.getByText(/Nothing is searched yet/)).toBeVisible();
  expect(server.requests.filter(each => /^POST .*experiments/.test(each))).toEqual([]);
});

it('puts what the server refuses at its field', async () => {
  const { server } = open();
  await userEvent.click(await screen.findByRole('radio', { name: /torch/ }));
  server.onWrite = () => {
    const causes = [
      { field: 'spec.parameters[0].feasibleSpace.max', message: 'must be smaller' },
      { field: 'spec.algorithm.algorithmName', message: 'is not there' }
    ];
    throw status(422, 'Invalid', 'invalid', { causes });
  };
  await userEvent.click(button('Check'));
  expect(await screen.findByText(/must be smaller/i)).toBeVisible();
  expect(screen.getByLabelText('lr: from')).toBeInvalid();
  expect(screen.getByLabelText('How to search')).toHaveAccessibleDescription(/Is not there/i);
});

it('takes the edits of the YAML into the fields, and waits while it cannot be read', async () => {
  open();
  await screen.findByRole('checkbox', { name: /^lr/ });
  await waitFor(() => expect(yaml().value).toContain('algorithmName: tpe'));
  const text = yaml().value;
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(text.replace('algorithmName: tpe', 'algorithmName: random'));
  expect(screen.getByLabelText('How to search')).toHaveValue('random');
  await userEvent.click(yaml());
  await userEvent.paste('\n: :');
  expect(screen.getByLabelText('How to search')).toBeDisabled();
});

it('makes a pasted experiment that names no namespace in that of the form', async () => {
  const { server, created } = open();
  await userEvent.click(await screen.findByRole('radio', { name: /torch/ }));
  const pasted = yaml().value.replace(/\n {2}namespace: .*/, '');
  expect(pasted).not.toMatch(/^ {2}namespace:/m);
  await userEvent.clear(yaml());
  await userEvent.click(yaml());
  await userEvent.paste(pasted);
  await userEvent.click(button('Create'));
  await waitFor(() => expect(created).toHaveBeenCalled());
  expect(await stored(server)).toHaveLength(1);
  expect(yaml().value).toBe(pasted);
});

it('explains the settings of each algorithm and drops those that another one does not have', async () => {
  const { model } = open();
  await screen.findByRole('checkbox', { name: /^lr/ });
  await fill('Seed', '7');
  await fill('Share of good trials', '2');
  await userEvent.click(screen.getByLabelText('Seed'));
  expect(screen.getByLabelText('Share of good trials')).toHaveAccessibleDescription(
    /between 0 and 1|below 1/
  );
  await userEvent.selectOptions(screen.getByLabelText('How to search'), 'random');
  expect(model.state.sides.draft.settings).toEqual({ random_state: '7' });
  await userEvent.selectOptions(screen.getByLabelText('How to search'), 'grid');
  expect(screen.queryByLabelText('Seed')).toBeNull();
});

it('adds a parameter that the code does not tell, and gives it to the code', async () => {
  const { model } = open();
  await screen.findByRole('checkbox', { name: /^lr/ });
  await userEvent.click(button('Add a parameter'));
  await fill('Name of parameter 2', 'depth');
  await fill('depth: from', '1');
  await fill('depth: to', '3');
  await userEvent.click(button('Give it as the argument --depth'));
  expect(model.state.sides.draft.args).toEqual([
    '--lr=${trialParameters.lr}',
    '--depth=${trialParameters.depth}'
  ]);
  await userEvent.click(button('Remove depth'));
  expect(model.state.sides.draft.args).toEqual(['--lr=${trialParameters.lr}']);
});

it('asks for what the code needs and nothing gives', async () => {
  open({ trial: { ...TRIAL, parameters: [parameter('units', 'NUMBER_INTEGER', null, true)] } });
  await screen.findByRole('checkbox', { name: /^units/ });
  await userEvent.click(button('Check'));
  expect(await screen.findByText(/The code needs a value for units/)).toBeVisible();
});

it('tunes the function of a cell', async () => {
  const { asked } = open({ seed: { path: 'a.ipynb', cell: 'c2' } });
  expect(await screen.findByLabelText('Function')).toHaveValue('fit');
  expect(asked.at(-1)?.json).toMatchObject({ path: 'a.ipynb', function: 'fit' });
  await userEvent.selectOptions(screen.getByLabelText('Function'), 'load');
  await waitFor(() => expect(asked.at(-1)?.json).toMatchObject({ function: 'load' }));
});

it('tunes a training job by its arguments, and puts their values back', async () => {
  const { model } = open({ seed: {} });
  await screen.findByRole('radio', { name: /torch/ });
  await userEvent.selectOptions(screen.getByLabelText('What to tune'), 'job');
  await fill('Training job', 'digits');
  await userEvent.click(await screen.findByRole('checkbox', { name: /^epochs is 3/ }));
  await userEvent.click(screen.getByRole('checkbox', { name: /^lr is 0.1/ }));
  const args = () => model.state.sides.draft.args;
  expect(args()).toEqual(['--lr=${trialParameters.lr}', '--epochs', '${trialParameters.epochs}']);
  await userEvent.click(screen.getByRole('checkbox', { name: /^epochs/ }));
  expect(args()).toEqual(['--lr=${trialParameters.lr}', '--epochs', '3']);
});

it('leaves code of the YAML as it is, whatever its runtime starts code by', async () => {
  const script = { file: 'fit.py', launcher: 'python', text: 'print(1)\n' } as const;
  const job = makeJob('digits', {
    spec: {
      runtimeRef: { kind: 'ClusterTrainingRuntime', name: 'torch' },
      trainer: { command: scriptCommand(script) }
    }
  });
  open({ seed: { trainJob: { ...job, metadata: { name: 'digits' } } } });
  expect(await screen.findByRole('radio', { name: /torch/ })).toBeChecked();
  expect(yaml().value).toContain('exec python "fit.py"');
});

it('says why the code cannot be read', async () => {
  open({ fails: 'fit cannot be tuned. Cell 1, line 1: it is computed.' });
  expect(await screen.findByLabelText('Notebook')).toHaveAccessibleDescription(/Cell 1, line 1/);
});

it('makes an OptimizationJob where there is nothing else', async () => {
  const { model } = open({ kind: 'OptimizationJob' });
  await screen.findByRole('checkbox', { name: /^lr/ });
  expect(screen.queryByLabelText('Early stopping')).toBeNull();
  expect(screen.queryByLabelText('lr: step')).toBeNull();
  expect(model.state.sides.draft.args).toEqual(['--lr=$(KUBEFLOW_TRAINER_OPT_LR)']);
  expect(model.state.sides.object['kind']).toBe('OptimizationJob');
});

it('begins with the values of an experiment, and again with what was typed', async () => {
  const experiment = makeExperiment('digits');
  const { model, keep } = open({ seed: { experiment } });
  expect(screen.getByLabelText('Metric')).toHaveValue(
    experiment.spec.objective?.objectiveMetricName
  );
  expect(screen.getByLabelText('What to tune')).toHaveValue('template');
  await fill('Name', 'other');
  await waitFor(() =>
    expect(keep.mock.calls.at(-1)?.[0]).toMatchObject({
      kind: 'Experiment',
      created: false,
      text: model.state.sides.text
    })
  );
});
