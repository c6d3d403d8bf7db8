import { makeTrial, makeTrialJob } from '../../testing/katib';
import { likeTrainJob, trainJobOfTrial } from './trainJob';

describe('the TrainJob of a trial', () => {
  it('is its run where that is one, without what is Katib’s', () => {
    const runSpec = {
      apiVersion: 'trainer.kubeflow.org/v1alpha1',
      kind: 'TrainJob',
      metadata: {
        name: 'x',
        labels: { team: 'a', 'katib.kubeflow.org/experiment': 'digits' },
        ownerReferences: [{ kind: 'Trial' }]
      },
      spec: { runtimeRef: { name: 'torch-distributed' }, trainer: { args: ['--lr=0.01'] } }
    };
    expect(trainJobOfTrial(makeTrial('digits', 'a', { spec: { runSpec } }))).toEqual({
      apiVersion: 'trainer.kubeflow.org/v1alpha1',
      kind: 'TrainJob',
      metadata: { name: 'digits-a', namespace: 'team-a', labels: { team: 'a' } },
      spec: runSpec.spec
    });
  });

  it('has the command of a Job’s main container, its runtime yet to be chosen', () => {
    const main = {
      name: 'training',
      image: 'python:3.11',
      command: ['python', 'train.py', '--lr=0.01'],
      env: [{ name: 'A', value: 'b' }],
      resources: { limits: { cpu: '1' } }
    };
    const runSpec = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }, main] } } }
    };
    const trial = makeTrial('digits', 'a', {
      spec: { runSpec, primaryContainerName: 'training' }
    });
    expect(trainJobOfTrial(trial)?.spec).toEqual({
      runtimeRef: { kind: 'ClusterTrainingRuntime', name: '' },
      trainer: {
        image: main.image,
        command: main.command,
        env: main.env,
        resourcesPerNode: main.resources
      }
    });
  });

  it('is none of another kind', () => {
    const trial = makeTrial('digits', 'a', { spec: { runSpec: { kind: 'PyTorchJob' } } });
    expect(trainJobOfTrial(trial)).toBeUndefined();
  });

  it('keeps of a TrainJob what is not its controller’s', () => {
    const job = makeTrialJob('tune', 'a', {
      env: { KUBEFLOW_TRAINER_OPT_LR: '0.1' },
      annotations: { 'trainer.kubeflow.org/optimizationjob-parameters': '{"lr": "0.1"}' }
    });
    job.metadata!.labels = { 'trainer.kubeflow.org/optimizationjob-name': 'tune' };
    const { metadata, spec } = likeTrainJob(job);
    expect(metadata).toEqual({ name: 'tune-a', namespace: 'team-a' });
    expect(spec).toEqual(job.spec);
  });
});
