/** @jest-environment node */
import { makeJob, makePod } from '../testing/trainer';
import { checkpointVariables, checkpointVolumes, mountedTogether } from './checkpoints';
import { listingJob, readFiles } from './files';
import type { Runtime } from './nodes';

const pod = (claim: string, mountPath: string, container = 'node') => ({
  volumes: [{ name: 'saved', persistentVolumeClaim: { claimName: claim } }],
  containers: [{ name: container, volumeMounts: [{ name: 'saved', mountPath }] }]
});
const step = (name: string, spec: object) => ({ name, template: { spec: { template: { spec } } } });
const patched = (spec: object) => ({
  runtimePatches: [
    {
      manager: 'me',
      trainingRuntimeSpec: { template: { spec: { replicatedJobs: [step('node', spec)] } } }
    }
  ]
});
const runtimeWith = (spec: object) =>
  ({ spec: { template: { spec: { replicatedJobs: [step('node', spec)] } } } }) as Runtime;

it('finds the volumes of the job and of its runtime', () => {
  const job = makeJob('a', { spec: patched(pod('mine', '/checkpoints')) });
  const [own, ofRuntime] = [
    { claim: 'mine', mountPath: '/checkpoints', own: true, readOnly: false },
    { claim: 'shared', mountPath: '/data', own: false }
  ];
  expect(checkpointVolumes(job)).toMatchObject([own]);
  expect(checkpointVolumes(job, runtimeWith(pod('shared', '/data')))).toMatchObject([
    ofRuntime,
    own
  ]);
  const replaced = checkpointVolumes(job, runtimeWith(pod('shared', '/checkpoints')));
  expect(replaced).toMatchObject([own]);
});

it('knows the words of Trainer before 2.2, and what is no claim', () => {
  const overrides = [{ targetJobs: [{ name: 'node' }], spec: pod('old', '/keep') }];
  const job = makeJob('a', { spec: { podTemplateOverrides: overrides } });
  expect(checkpointVolumes(job)).toMatchObject([{ claim: 'old', step: 'node' }]);
  const scratch = { ...pod('x', '/tmp/x'), volumes: [{ name: 'saved', emptyDir: {} }] };
  expect(checkpointVolumes(makeJob('a', { spec: patched(scratch) }))).toEqual([]);
});

it('takes what several steps share for one, and tells what the code is told of it', () => {
  const [volume] = checkpointVolumes(makeJob('a', { spec: patched(pod('mine', '/keep/')) }));
  const twice = [volume!, { ...volume!, step: 'launcher' }];
  expect(mountedTogether(twice)).toEqual([twice]);
  const trainer = {
    env: [
      { name: 'CHECKPOINT_DIR', value: '/keep/run-1' },
      { name: 'DATA', value: '/keeper' }
    ],
    args: ['--lr=0.1', '--out=/keep']
  };
  const job = makeJob('a', { spec: { trainer } });
  expect(checkpointVariables(job, [volume!])).toEqual([
    { name: 'CHECKPOINT_DIR', value: '/keep/run-1' },
    { name: '', value: '--out=/keep', at: { of: 'args', place: 2 } }
  ]);
});

describe('the Job that lists files', () => {
  const [volume] = checkpointVolumes(makeJob('a', { spec: patched(pod('mine', '/keep')) }));
  const none = { jobs: [], pods: [], jobSet: undefined, runtime: undefined };

  it('reads only, belongs to the job, and goes to the machine that has the volume', () => {
    const node = makePod('a', 0, 'Running');
    node.spec!.nodeName = 'gpu-1';
    const made = listingJob(makeJob('a'), volume!, { ...none, pods: [node] })!;
    expect(made.metadata?.ownerReferences).toMatchObject([{ kind: 'TrainJob', uid: 'uid-a' }]);
    const { spec } = made.spec!.template;
    expect(spec).toMatchObject({ nodeName: 'gpu-1', restartPolicy: 'Never' });
    expect(spec?.containers[0]).toMatchObject({
      image: 'pytorch/pytorch',
      volumeMounts: [{ mountPath: '/keep', readOnly: true }]
    });
  });

  it('is not made without an image', () => {
    expect(listingJob(makeJob('a'), volume!, none)).toBeUndefined();
  });

  it('is understood, newest first', () => {
    const log = '["old.pt", 10, 1]\nsome warning\n["new.pt", 20, 2.5]\n{"more": 3}\n';
    expect(readFiles(log)).toEqual({
      files: [
        { path: 'new.pt', size: 20, modified: 2500 },
        { path: 'old.pt', size: 10, modified: 1000 }
      ],
      more: 3
    });
  });
});
