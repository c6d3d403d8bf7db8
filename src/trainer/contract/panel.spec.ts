/** What the panel asks of the Kubernetes API, of trainings that really run. */
import { text, until } from '../../testing/contract';
import { cluster, ownNamespace, server, transportTo } from '../../testing/kubernetes';
import {
  clusterTrainingRuntimes,
  healthOf,
  type IKind,
  type IKubernetesObject,
  type ITrainingRuntime,
  type ITrainJob,
  jobSets,
  jobs as jobKind,
  type Phase,
  pods as podKind,
  there,
  trainingRuntimes,
  trainJobs
} from '../../client/kubernetes';
import { graphFromTrainJob } from '../../graph/adapters';
import { makeKubernetes } from '../../ui/kubernetes/connection';
import { checkpointVolumes } from '../checkpoints';
import { listingJob } from '../files';
import { listFiles } from '../listFiles';
import { JOB_SET } from '../nodes';
import { readEnd, readRetries } from '../readFailure';

const claims: IKind<IKubernetesObject & { spec: object }> = {
  group: '',
  versions: ['v1'],
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
  health: there
};
const kubernetes = makeKubernetes(transportTo(server()));
const { client } = kubernetes;
const resource = client.resource(trainJobs);
const namespace = ownNamespace(client);

/** Makes a TrainJob of Python code on so many nodes. */
const train = (name: string, code: string, spec: object = {}, numNodes = 2): Promise<ITrainJob> =>
  resource.create({
    metadata: { name, namespace: namespace() },
    spec: {
      runtimeRef: { name: 'python-distributed' },
      trainer: { numNodes, command: ['python', '-c', code] },
      ...spec
    }
  } as ITrainJob);

/** The job when it is in a state. */
const when = (name: string, phase: Phase): Promise<ITrainJob> =>
  until(
    () => resource.get({ name, namespace: namespace() }),
    job => healthOf(trainJobs, job).phase === phase
  );

const partsOf = async (name: string) => {
  const labelled = { namespace: namespace(), labelSelector: `${JOB_SET}=${name}` };
  return {
    jobSet: await client.resource(jobSets).get({ name, namespace: namespace() }),
    jobs: await client.resource(jobKind).list(labelled),
    pods: await client.resource(podKind).list(labelled)
  };
};

jest.setTimeout(120_000);

// On the control plane of `npm run test:cluster` pods are played, and no code runs.
(cluster ? describe.skip : describe)('the panel', () => {
  it('finds the node that failed and why, and draws it', async () => {
    await train(
      'failing',
      'import os\nif os.environ["JOB_COMPLETION_INDEX"] == "1":\n    import no_such_module'
    );
    const job = await when('failing', 'failed');
    const { cause, began } = await readEnd(kubernetes, job);
    expect(cause).toMatchObject({
      kind: 'missing-module',
      subject: 'no_such_module',
      place: { step: 'node', index: 1 },
      exitCode: 1
    });
    expect(Date.parse(began!)).toBeGreaterThanOrEqual(Date.parse(job.metadata!.creationTimestamp!));
    const document = graphFromTrainJob(job, await partsOf('failing'));
    expect(document.nodes.find(({ id }) => id === 'root.node.1')).toMatchObject({
      state: 'failed',
      detail: 'exit code 1'
    });
  });

  it('tells which attempt follows a failure, and why the one before it failed', async () => {
    const shared = await client
      .resource(clusterTrainingRuntimes)
      .get({ name: 'python-distributed' });
    const spec = JSON.parse(JSON.stringify(shared.spec)) as ITrainingRuntime['spec'];
    spec.template!.spec!.replicatedJobs![0]!.template.spec!.backoffLimit = 4;
    const metadata = { name: 'retries', namespace: namespace(), labels: shared.metadata?.labels };
    await client.resource(trainingRuntimes).create({ metadata, spec } as ITrainingRuntime);
    const runtimeRef = { name: 'retries', kind: 'TrainingRuntime' };
    const job = await train('again', 'raise ValueError("no data")', { runtimeRef }, 1);
    const [retry] = await until(
      () => readRetries(kubernetes, job),
      found => found.length === 1
    );
    expect(retry).toMatchObject({
      wanted: 1,
      cause: {
        kind: 'exit',
        exitCode: 1,
        subject: 'ValueError: no data',
        place: { step: 'node', index: 0 },
        retry: { of: 5 }
      }
    });
    const { phase } = healthOf(
      trainJobs,
      await resource.get({ name: 'again', namespace: namespace() })
    );
    expect(['pending', 'running']).toContain(phase);
    await resource.delete(
      { name: 'again', namespace: namespace() },
      { propagationPolicy: 'Background' }
    );
  });

  it('sees the pods that have not ended, and suspends and resumes', async () => {
    await train('resting', 'import time\nprint("begun", flush=True)\ntime.sleep(600)');
    const ref = { name: 'resting', namespace: namespace() };
    await when('resting', 'running');
    const unfinished = {
      namespace: namespace(),
      labelSelector: JOB_SET,
      fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed'
    };
    const [pod] = await until(
      () => client.resource(podKind).list(unfinished),
      found => found.length === 2 && found.every(each => each.status?.phase === 'Running')
    );
    const { name = '' } = pod!.metadata ?? {};
    await until(
      () => text(client.log({ name, namespace: namespace() }, { tailLines: 40 })),
      log => log === 'begun\n'
    );
    await resource.patch(ref, { type: 'merge', body: { spec: { suspend: true } } });
    const job = await when('resting', 'suspended');
    await until(
      () => client.resource(podKind).list(unfinished),
      found => found.length === 0
    );
    const parts = await partsOf('resting');
    expect(graphFromTrainJob(job, parts).nodes.map(({ state }) => state)).toEqual([
      'paused',
      'paused',
      'paused'
    ]);
    await resource.patch(ref, { type: 'merge', body: { spec: { suspend: false } } });
    await when('resting', 'running');
    await resource.delete(ref, { propagationPolicy: 'Background' });
    await until(
      () => client.resource(podKind).list(unfinished),
      found => found.length === 0
    );
  });

  it('lists the files that a training has written to its volume', async () => {
    const resources = { requests: { storage: '1Mi' } };
    await client.resource(claims).create({
      metadata: { name: 'saved', namespace: namespace() },
      spec: { accessModes: ['ReadWriteMany'], resources }
    });
    const node = {
      volumes: [{ name: 'saved', persistentVolumeClaim: { claimName: 'saved' } }],
      containers: [{ name: 'node', volumeMounts: [{ name: 'saved', mountPath: '/checkpoints' }] }]
    };
    const steps = [{ name: 'node', template: { spec: { template: { spec: node } } } }];
    const runtimePatches = [
      {
        manager: 'jupyterlab-kubeflow.kubeflow.org/panel',
        trainingRuntimeSpec: { template: { spec: { replicatedJobs: steps } } }
      }
    ];
    await train(
      'saving',
      'open("/checkpoints/epoch-1.pt", "w").write("x" * 10)',
      {
        runtimePatches
      },
      1
    );
    const job = await when('saving', 'succeeded');
    const [volume] = checkpointVolumes(job);
    expect(volume).toMatchObject({ claim: 'saved', mountPath: '/checkpoints', step: 'node' });
    const listing = listingJob(job, volume!, await partsOf('saving'))!;
    const found = await listFiles(
      kubernetes,
      listing,
      new AbortController().signal,
      () => undefined
    );
    expect(found).toMatchObject({ files: [{ path: 'epoch-1.pt', size: 10 }], more: 0 });
    const left = await until(
      () => client.resource(podKind).list({ namespace: namespace() }),
      all => all.every(each => !each.metadata?.name?.includes('-files-'))
    );
    expect(left.length).toBeGreaterThan(0);
  });
});
