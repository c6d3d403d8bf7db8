import { type IDraft, newJob, readDraft, writeDraft } from './model';
import { functionScript, type IScript } from '../../ui/training/script';
import { sdkCode } from './sdkCode';

const RUNTIME = { kind: 'ClusterTrainingRuntime', name: 'torch-distributed' } as const;
const script = (text: string): { kind: 'script'; script: IScript } => ({
  kind: 'script',
  script: { file: 'train.py', launcher: 'python', text }
});

function job(change: Partial<IDraft>) {
  const first = newJob('train-a', 'team');
  return writeDraft(first, { ...readDraft(first), runtime: RUNTIME, ...change });
}

it('calls a function of the notebook', () => {
  const call = new Map([['lr', '0.1']]);
  const source = 'def train(lr): ...';
  const made = job({
    nodes: '2',
    cpu: '1',
    env: [{ name: 'A', value: "it's" }],
    code: script(functionScript(source, 'train', call))
  });
  const { code, missing } = sdkCode(made, {
    called: { name: 'train', call },
    connection: { kind: 'kubeconfig', name: 'far' }
  });
  expect(missing).toEqual([]);
  expect(code)
    .toBe(`from kubeflow.trainer import CustomTrainer, KubernetesBackendConfig, TrainerClient
from kubeflow.trainer.options import Name

config = KubernetesBackendConfig(
    context='far',
    namespace='team',
)
client = TrainerClient(config)
job = client.train(
    runtime='torch-distributed',
    trainer=CustomTrainer(
        func=train,
        func_args={'lr': 0.1},
        num_nodes=2,
        resources_per_node={'cpu': 1},
        env={'A': "it's"},
    ),
    options=[
        # A name can be used once: change it to run this again.
        Name(name='train-a'),
    ],
)
job
`);
});

it('leaves the name to the SDK where nobody has typed one', () => {
  const { code } = sdkCode(job({}), { named: false });
  expect(code).not.toMatch(/Name|options/);
  expect(code).toMatch(/^from kubeflow.trainer import .*\n\nconfig = /);
  expect(code).toContain("    runtime='torch-distributed',\n)\njob\n");
  const labelled = sdkCode(job({ queue: 'q' }), { named: false }).code;
  expect(labelled).toContain('from kubeflow.trainer.options import Labels\n\n');
});

it('brings the function where the notebook is another one', () => {
  const { code } = sdkCode(job({}), {
    called: { name: 'train', source: 'def train():\n    pass\n', call: new Map() }
  });
  expect(code).toMatch(/import Name\n\ndef train\(\):\n {4}pass\n\n\nconfig = /);
  expect(code).toContain('        func=train,\n    ),');
});

it('gives a script line by line, its command and its arguments', () => {
  const { code } = sdkCode(job({ code: script('print("a\\n")\n'), args: ['--x', '1'] }));
  expect(code).toContain(`script = (\n    'cat > "train.py" << \\'EOM\\'\\n'\n`);
  expect(code).toContain(
    `TrainerCommand(command=['bash', '-c', script, 'train.py']),\n        TrainerArgs(args=['--x', '1']),`
  );
  expect(code).not.toContain('CustomTrainer');
});

it('says initializers, the checkpoint volume, labels and the deadline', () => {
  const made = job({
    dataset: 'hf://a/b',
    model: 's3://a/b',
    checkpoint: { claim: 'c', path: '/p' },
    queue: 'q'
  });
  (made['spec'] as Record<string, unknown>)['activeDeadlineSeconds'] = 60;
  const { code, missing } = sdkCode(made);
  expect(missing).toEqual([]);
  expect(code).toContain(
    "dataset=HuggingFaceDatasetInitializer(\n            storage_uri='hf://a/b',"
  );
  expect(code).toContain(
    "model=S3ModelInitializer(\n            storage_uri='s3://a/b',\n            ignore_patterns=None,"
  );
  expect(code).toContain("Labels(labels={'kueue.x-k8s.io/queue-name': 'q'})");
  expect(code).toContain('ActiveDeadlineSeconds(seconds=60)');
  expect(code).toContain("volume_mounts=[{'name': 'checkpoints', 'mountPath': '/p'}]");
  expect(code).toContain("'persistentVolumeClaim': {'claimName': 'c'}");
});

it('says above the code what the SDK cannot', () => {
  const made = job({ suspend: true, processes: '2', cpu: '1' });
  const spec = made['spec'] as { trainer: { resourcesPerNode: { limits: object } } };
  spec.trainer.resourcesPerNode.limits = { cpu: 2 };
  const { code, missing } = sdkCode(made);
  expect(missing).toHaveLength(3);
  expect(code.startsWith('# spec.suspend: TrainerClient starts the job at once.\n# ')).toBe(true);
});

it('never takes a text of the YAML for code', () => {
  const made = job({ nodes: '2' });
  (made['spec'] as { trainer: Record<string, unknown> }).trainer['numNodes'] = 'abc()';
  expect(sdkCode(made).code).toContain("num_nodes='abc()',");
});
