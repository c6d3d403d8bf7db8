import type { ITrainJob } from '../../client/kubernetes/kinds';
import { parse } from '../../ui/kubernetes/yamlText';
import { refusedFields } from '../../ui/kubernetes/form/problems';
import { editForm, editText, sidesOf } from '../../ui/kubernetes/form/sides';
import { checkDraft, fieldOf } from './check';
import { trainJobCodec } from './codec';
import { cloneJob, type IDraft, newJob, readDraft, settled, writeDraft } from './model';
import { type IRuntime, longestName, runtimeOf } from '../../ui/kubernetes/runtimes';
import { ApiError } from '../../client/errors';
import { nullTranslator } from '@jupyterlab/translation';

const trans = nullTranslator.load('');

const FULL: IDraft = {
  name: 'train-a',
  runtime: { kind: 'TrainingRuntime', name: 'own' },
  code: { kind: 'script', script: { file: 'train.py', launcher: 'torchrun', text: 'print(1)\n' } },
  args: ['--epochs', '3', ''],
  image: 'example.org/image:1',
  env: [
    { name: 'A', value: '1' },
    { name: 'B', value: '' }
  ],
  nodes: '2',
  processes: '4',
  cpu: '500m',
  memory: '4Gi',
  devices: [
    { name: 'nvidia.com/gpu', value: '1' },
    { name: 'example.org/fpga', value: '2' }
  ],
  dataset: 's3://bucket/data',
  model: 'hf://org/model',
  checkpoint: { claim: 'ckpt', path: '/checkpoints' },
  queue: 'team-queue',
  priority: 'high',
  suspend: true
};
const EMPTY = readDraft(newJob('a', 'team'));

describe('the draft of a job', () => {
  it('is read as it was written, whole', () => {
    const job = writeDraft(newJob('a', 'team'), FULL);
    expect(readDraft(job)).toEqual(FULL);
    expect(job['spec']).toMatchObject({
      suspend: true,
      runtimeRef: { kind: 'TrainingRuntime', name: 'own' },
      trainer: {
        numNodes: 2,
        numProcPerNode: 4,
        resourcesPerNode: {
          requests: { cpu: '500m', memory: '4Gi', 'nvidia.com/gpu': 1, 'example.org/fpga': 2 },
          limits: { cpu: '500m', memory: '4Gi', 'nvidia.com/gpu': 1, 'example.org/fpga': 2 }
        }
      }
    });
  });

  it.each(Object.keys(FULL) as (keyof IDraft)[])('is read as it was written, %s alone', key => {
    const draft = { ...EMPTY, [key]: FULL[key] };
    const job = newJob('a', 'team');
    const written = writeDraft(job, draft);
    expect(readDraft(written)).toEqual(draft);
    expect(writeDraft(written, EMPTY)).toEqual(job);
  });

  it('keeps checkpoints in the form of older versions', () => {
    const job = writeDraft(newJob('a', ''), FULL, 'podTemplateOverrides');
    expect(job['spec']).toMatchObject({
      podTemplateOverrides: [{ targetJobs: [{ name: 'node' }] }]
    });
    expect(readDraft(job).checkpoint).toEqual(FULL.checkpoint);
    const without = writeDraft(job, { ...FULL, checkpoint: { claim: '', path: '' } });
    expect(without['spec']).not.toHaveProperty('podTemplateOverrides');
  });

  it('leaves rows out that have no name yet', () => {
    const draft = {
      ...EMPTY,
      env: [{ name: '', value: 'x' }],
      devices: [{ name: '', value: '' }]
    };
    expect(writeDraft(newJob('a', 'team'), draft)).toEqual(newJob('a', 'team'));
    expect(settled(draft).env).toEqual([]);
  });

  it('keeps what is no number as it was typed', () => {
    const job = writeDraft(newJob('a', ''), { ...EMPTY, nodes: 'two', cpu: '1x' });
    expect(job['spec']).toMatchObject({ trainer: { numNodes: 'two' } });
    expect(readDraft(job)).toMatchObject({ nodes: 'two', cpu: '1x' });
  });

  it.each([
    {},
    { spec: 3, metadata: [] },
    { spec: { trainer: 'x', initializer: [1] } },
    { spec: null }
  ])('is read from %j, and can be written into it', job => {
    expect(readDraft(job).nodes).toBe('');
    expect(readDraft(writeDraft(job, FULL))).toEqual(FULL);
  });
});

describe('what the form does not know', () => {
  const job = {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: { name: 'a', labels: { own: 'yes' } },
    spec: {
      runtimeRef: { name: 'r', apiGroup: 'trainer.kubeflow.org' },
      activeDeadlineSeconds: 60,
      initializer: { dataset: { storageUri: 's3://a/b', secretRef: { name: 's' } } },
      trainer: {
        env: [
          { name: 'A', value: '1' },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          { name: 'B', value: '2' }
        ],
        resourcesPerNode: {
          requests: { cpu: 1, memory: '1Gi' },
          limits: { memory: '2Gi' },
          claims: [{ name: 'c' }]
        }
      },
      runtimePatches: [
        {
          manager: 'jupyterlab-kubeflow',
          trainingRuntimeSpec: {
            template: {
              spec: {
                replicatedJobs: [
                  {
                    name: 'node',
                    template: {
                      spec: {
                        template: { spec: { serviceAccountName: 'me', volumes: [{ name: 'v' }] } }
                      }
                    }
                  }
                ]
              }
            }
          }
        }
      ]
    }
  };

  it('stays where another field is written', () => {
    const draft = readDraft(job);
    expect(draft).toMatchObject({ cpu: '1', memory: '2Gi' });
    const written = writeDraft(job, {
      ...draft,
      dataset: '',
      env: [{ name: 'A', value: '3' }],
      cpu: '2'
    });
    expect(written['spec']).toMatchObject({
      activeDeadlineSeconds: 60,
      runtimeRef: { name: 'r', apiGroup: 'trainer.kubeflow.org' },
      initializer: { dataset: { secretRef: { name: 's' } } },
      trainer: {
        env: [
          { name: 'A', value: '3' },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }
        ],
        resourcesPerNode: {
          requests: { cpu: 2, memory: '1Gi' },
          limits: { cpu: 2, memory: '2Gi' },
          claims: [{ name: 'c' }]
        }
      },
      runtimePatches: job.spec.runtimePatches
    });
  });

  it('stays beside the checkpoint volume, there and back', () => {
    const draft = readDraft(job);
    const mounted = writeDraft(job, { ...draft, checkpoint: { claim: 'c', path: '/p' } });
    expect(readDraft(mounted).checkpoint).toEqual({ claim: 'c', path: '/p' });
    expect(writeDraft(mounted, draft)).toEqual(job);
    const moved = writeDraft(mounted, { ...draft, checkpoint: { claim: 'd', path: '/q' } });
    expect(JSON.stringify(moved)).toContain('"serviceAccountName":"me"');
    expect(readDraft(moved).checkpoint).toEqual({ claim: 'd', path: '/q' });
  });

  it('is not changed by reading and writing the same', () => {
    expect(writeDraft(job, readDraft(job))).toEqual(job);
  });
});

it('clones all of the spec under a new name, without what controllers have written', () => {
  const job = {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: {
      name: 'a',
      namespace: 'team',
      uid: 'u',
      resourceVersion: '3',
      finalizers: ['f'],
      labels: { own: 'yes' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
    },
    spec: {
      runtimeRef: { name: 'r' },
      trainer: { numNodes: 2, args: ['x'] },
      runtimePatches: [
        { manager: 'kueue.x-k8s.io/manager' },
        { manager: 'me', time: '2026-01-01T00:00:00Z' }
      ]
    },
    status: { conditions: [] }
  } as unknown as ITrainJob;
  expect(cloneJob(job, 'b')).toEqual({
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: { name: 'b', namespace: 'team', labels: { own: 'yes' } },
    spec: {
      runtimeRef: { name: 'r' },
      trainer: { numNodes: 2, args: ['x'] },
      runtimePatches: [{ manager: 'me' }]
    }
  });
});

describe('the two sides', () => {
  const codec = trainJobCodec();
  const start = () => sidesOf(codec, newJob('a', 'team'));

  it('follow one another', () => {
    const typed = editForm(codec, start(), { nodes: '3' });
    expect(typed.text).toContain('numNodes: 3');
    const edited = editText(codec, typed, typed.text.replace('numNodes: 3', 'numNodes: 5'));
    expect(edited.draft.nodes).toBe('5');
    expect(editForm(codec, edited, { nodes: '' }).text).toBe(start().text);
  });

  it('keep comments and what the form does not know', () => {
    const text = start().text.replace(
      'spec:',
      'spec: # mine\n  activeDeadlineSeconds: 60 # a minute'
    );
    const sides = editForm(codec, editText(codec, start(), text), { ...FULL });
    expect(sides.text).toContain('# mine');
    expect(sides.text).toContain('activeDeadlineSeconds: 60 # a minute');
    expect(readDraft(sides.object)).toEqual(FULL);
    expect(readDraft(parse(sides.text).toJS())).toEqual(FULL);
  });

  it('write code as a block, line by line', () => {
    const sides = editForm(codec, start(), { code: FULL.code });
    expect(sides.text).toMatch(/- \|-\n +cat > "train.py" << 'EOM'\n +print\(1\)\n/);
  });

  it('keep a text that does not parse, name its line, and lock the form until it is mended', () => {
    const text = start().text.replace('spec:', 'spec: {');
    const broken = editText(codec, start(), text);
    expect(broken.text).toBe(text);
    expect(broken.problem?.line).toBeGreaterThan(3);
    expect(broken.problem?.message).not.toMatch(/at line/);
    expect(editForm(codec, broken, { nodes: '3' })).toBe(broken);
    const mended = editText(codec, broken, start().text);
    expect(mended.problem).toBeUndefined();
    expect(mended.draft).toEqual(start().draft);
  });

  it.each(['', '3', '- a', 'a: *b'])('take %j for no job', text => {
    const sides = editText(codec, start(), text);
    expect(sides.problem?.line).toBe(1);
    expect(sides.draft).toEqual(start().draft);
  });

  it('keep rows of the form that have no name yet', () => {
    const rows = [{ name: '', value: '' }];
    const sides = editForm(codec, start(), { env: rows });
    expect(sides.text).toBe(start().text);
    const edited = editText(codec, sides, sides.text.replace('name: a', 'name: b'));
    expect(edited.draft.env).toEqual(rows);
    expect(edited.draft.name).toBe('b');
  });

  it('resolve aliases where the form changes what they stand for', () => {
    const text =
      start().text +
      '  trainer: &t\n    env:\n      - &e\n        name: A\n        value: "1"\n      - *e\n';
    const sides = editText(codec, start(), text);
    expect(sides.problem).toBeUndefined();
    const edited = editForm(codec, sides, {
      env: [
        { name: 'A', value: '2' },
        { name: 'A', value: '3' }
      ]
    });
    expect(readDraft(parse(edited.text).toJS()).env.map(row => row.value)).toEqual(['2', '3']);
  });
});

describe('checks', () => {
  const check = (change: Partial<IDraft>) => {
    const draft = { ...FULL, ...change };
    return checkDraft(draft, writeDraft(newJob('a', ''), draft), trans);
  };

  it('find nothing wrong with a whole draft', () => {
    expect(check({})).toEqual({ fields: {}, top: [] });
  });

  it.each<[string, Partial<IDraft>, RegExp]>([
    ['name', { name: '' }, /name is needed/],
    ['name', { name: '1a' }, /begins with a letter/],
    ['name', { name: 'a'.repeat(63) }, /at most 33 characters.*has 63/],
    ['runtime', { runtime: { kind: 'TrainingRuntime', name: '' } }, /Choose the runtime/],
    ['nodes', { nodes: '0' }, /from 1 on/],
    ['processes', { processes: 'auto' }, /from 1 on/],
    ['cpu', { cpu: 'two' }, /500m/],
    ['memory', { memory: '4 GB' }, /4Gi/],
    [
      'devices.1',
      { devices: [...FULL.devices.slice(0, 1), { name: 'x/y', value: '' }] },
      /How many/
    ],
    ['devices.1', { devices: [FULL.devices[0]!, FULL.devices[0]!] }, /twice/],
    ['env.0', { env: [{ name: '', value: '1' }] }, /name is needed/],
    ['env.0', { env: [{ name: '1 a', value: '1' }] }, /begins with no digit/],
    ['dataset', { dataset: '/data' }, /s3:/],
    ['model', { model: 'x:y' }, /address/],
    ['checkpoint.path', { checkpoint: { claim: 'a', path: '' } }, /Where/],
    ['checkpoint.path', { checkpoint: { claim: 'a', path: 'b' } }, /begins with \//],
    ['checkpoint.path', { checkpoint: { claim: 'a', path: '/' } }, /own files are there/],
    ['image', { image: 'not an image' }, /must be an image/],
    ['image', { image: 'Example/Train' }, /must be an image/],
    ['checkpoint.claim', { checkpoint: { claim: '', path: '/a' } }, /Which claim/],
    ['queue', { queue: 'a b' }, /63/],
    [
      'code',
      { code: { kind: 'script', script: { file: 'a.py', launcher: 'python', text: ' \n' } } },
      /no code/
    ],
    [
      'code',
      {
        code: {
          kind: 'script',
          script: { file: 'a.py', launcher: 'python', text: 'ä'.repeat(66_000) }
        }
      },
      /too long: 132 kB.*130 kB.*onto a volume/
    ]
  ])('%s: %j', (field, change, words) => {
    expect(check(change).fields[field]).toMatch(words);
  });

  it('refuse what is too large to be stored, with the remedy', () => {
    const args = Array.from({ length: 6 }, () => 'x'.repeat(100_000));
    expect(check({ args }).top[0]).toMatch(/too large: 60\d kB, and at most 524 kB.*volume/);
  });

  it('refuse another kind', () => {
    const job = { ...newJob('a', ''), kind: 'Job' };
    expect(checkDraft(FULL, job, trans).top[0]).toMatch(
      /must stay a TrainJob: its kind “TrainJob”/
    );
  });
});

describe('refusals of the server', () => {
  const job = writeDraft(newJob('a', 'team'), FULL);
  const refused = (status: number, reason: string, message: string, details: unknown = {}) =>
    refusedFields(
      trainJobCodec(),
      new ApiError({ service: 'kubernetes', status, reason, message, details }),
      { object: job, draft: FULL },
      trans
    );

  it('stand at their fields, and above the form where there is none', () => {
    const causes = [
      { field: 'spec.trainer.numNodes', message: 'must be at least 1' },
      { field: 'spec.activeDeadlineSeconds', message: 'too short' }
    ];
    expect(refused(422, 'Invalid', 'invalid', { causes })).toEqual({
      fields: { nodes: 'Must be at least 1.' },
      top: ['spec.activeDeadlineSeconds: too short.']
    });
  });

  it('of webhooks stand at the field that their sentence names', () => {
    const said =
      'admission webhook "validator.trainjob.trainer.kubeflow.org" denied the request: spec.trainer.env[1]: Forbidden: B is reserved';
    expect(refused(403, 'Forbidden', said)).toEqual({
      fields: { 'env.1': 'Forbidden: B is reserved.' },
      top: []
    });
    const two =
      'admission webhook "v" denied the request: [spec.runtimeRef: not there, spec.trainer.numProcPerNode: Invalid value: 0, at all]';
    expect(refused(403, 'Forbidden', two).fields).toEqual({
      runtime: 'Not there.',
      processes: 'Invalid value: 0, at all.'
    });
    expect(
      refused(403, 'Forbidden', 'admission webhook "v" denied the request: no jobs on Sundays').top
    ).toEqual(['No jobs on Sundays.']);
  });

  it('begin with a capital unless with a name, and have quotation marks for code', () => {
    const said = (words: string) =>
      refused(403, 'Forbidden', `admission webhook "v" denied the request: ${words}`).fields;
    expect(said('spec.runtimeRef: the runtime needs torch: `pip install torch`')).toEqual({
      runtime: 'The runtime needs torch: “pip install torch”.'
    });
    expect(said('spec.trainer.numNodes: numNodes must be 1')).toEqual({
      nodes: 'numNodes must be 1.'
    });
  });

  it('of a quota are told in words', () => {
    const said =
      'trainjobs.trainer.kubeflow.org "a" is forbidden: exceeded quota: small, requested: count/trainjobs.trainer.kubeflow.org=1, used: count/trainjobs.trainer.kubeflow.org=2, limited: count/trainjobs.trainer.kubeflow.org=2';
    expect(refused(403, 'Forbidden', said).top[0]).toMatch(
      /The quota “small” of the namespace does not allow this: it asks for count.*=1.*delete jobs that have ended/
    );
  });

  it('of a name that is taken stand at the name', () => {
    expect(
      refused(409, 'AlreadyExists', 'trainjobs "train-a" already exists').fields['name']
    ).toMatch(/“train-a” already/);
  });

  it('of strict decoding name the field', () => {
    expect(
      refused(400, 'BadRequest', 'strict decoding error: unknown field "spec.trainer.nodes"').top
    ).toEqual(['There is no field spec.trainer.nodes.']);
  });

  it('know the rows of variables and devices', () => {
    const fpga = ['spec', 'trainer', 'resourcesPerNode', 'limits', 'example', 'org/fpga'];
    const second = ['spec', 'trainer', 'env', 1, 'name'];
    expect(fieldOf(second, job, FULL)).toBe('env.1');
    expect(fieldOf(fpga, job, FULL)).toBe('devices.1');
    const nameless = { name: '', value: '1' };
    const moved = {
      ...FULL,
      env: [nameless, ...FULL.env],
      devices: [...FULL.devices].reverse()
    };
    expect(fieldOf(second, job, moved)).toBe('env.2');
    expect(fieldOf(fpga, job, moved)).toBe('devices.0');
    expect(fieldOf(fpga, job, { ...FULL, devices: [] })).toBeUndefined();
    expect(fieldOf(['metadata', 'labels', 'kueue.x-k8s.io/queue-name'], job, FULL)).toBe('queue');
    expect(fieldOf(['status'], job, FULL)).toBeUndefined();
  });
});

describe('the longest name', () => {
  const runtime = (...replicatedJobs: object[]): IRuntime =>
    runtimeOf('ClusterTrainingRuntime', {
      metadata: { name: 'r' },
      spec: { mlPolicy: { numNodes: 2 }, template: { spec: { replicatedJobs } } }
    } as never);
  const node = { name: 'node' };

  it.each<[string, number, Partial<IDraft>, IRuntime | undefined]>([
    ['that of NAME-node-0-1-abcde', 48, {}, runtime(node)],
    ['of more nodes than ten', 47, { nodes: '11' }, runtime(node)],
    ['of a runtime that is not known', 48, {}, undefined],
    ['of a runtime that fetches', 33, {}, runtime({ name: 'dataset-initializer' }, node)],
    ['of a job that fetches', 35, { model: 'file:///a' }, runtime(node)],
    [
      'of many replicas without an index',
      58,
      {},
      runtime({
        name: 'a',
        replicas: 11,
        template: { spec: { parallelism: 500, completionMode: 'NonIndexed' } }
      })
    ],
    [
      'of a step of the trainer with another name',
      50,
      { nodes: '3' },
      runtime({
        name: 'ab',
        template: {
          metadata: { labels: { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' } }
        }
      })
    ]
  ])('is %s: %i', (_, longest, change, chosen) => {
    const draft = { ...EMPTY, ...change };
    expect(longestName(draft, chosen)).toBe(longest);
    const named = (length: number) =>
      checkDraft({ ...draft, name: 'a'.repeat(length) }, newJob('a', ''), trans, chosen).fields[
        'name'
      ];
    expect(named(longest)).toBeUndefined();
    expect(named(longest + 1)).toMatch(`at most ${longest} characters`);
  });
});
