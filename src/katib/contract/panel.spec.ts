/** What the panel asks of the Kubernetes API, of tuning experiments that really run. A control plane alone runs none. */
import { failure, until } from '../../testing/contract';
import { searchOverX } from '../../testing/katib';
import { cluster, ownNamespace, server, transportTo } from '../../testing/kubernetes';
import { type ApiError, KatibClient } from '../../client';
import type { KubernetesClient } from '../../client/kubernetes';
import {
  conditionOf,
  healthOf,
  type IExperiment,
  type IOptimizationJob,
  optimizationJobs,
  type Phase,
  pods as podKind,
  suggestions,
  trainJobs,
  trials as trialKind,
  tuningExperiments
} from '../../client/kubernetes';
import { makeKubernetes } from '../../ui/kubernetes/connection';
import { budgetPatch, canStop, leastBudget, obstacleOf } from '../model/budget';
import { EXPERIMENT_LABEL, studyOfExperiment } from '../model/experiment';
import { budgetOf, factsOfExperiment, factsOfStudy } from '../model/facts';
import { studyOfOptimizationJob } from '../model/optimizationJob';
import { trainJobOfTrial } from '../model/trainJob';
import { seriesReader } from '../series';
import { podLabel } from '../trialPods';

jest.setTimeout(120_000);

const onlyLocal = cluster ? describe.skip : describe;
const kubernetes = makeKubernetes(transportTo(server()));
const client: KubernetesClient = kubernetes.client;
const namespace = ownNamespace(client);
const experiments = client.resource(tuningExperiments);

/** A quadratic in \`x\`, best at 2; it waits for \`seconds\` before. */
const script = (seconds: number) =>
  `import time; time.sleep(${seconds}); x = float("\${trialParameters.x}"); print(f"score={-(x - 2) ** 2}")`;

const search = (most: number, seconds = 0) =>
  searchOverX(most, ['python', '-c', script(seconds)], {
    template: { retain: true },
    job: { backoffLimit: 0 }
  });

function make(name: string, spec: object = {}, seconds = 0): Promise<IExperiment> {
  return experiments.create({
    metadata: { name, namespace: namespace() },
    spec: {
      objective: { type: 'maximize', objectiveMetricName: 'score' },
      algorithm: { algorithmName: 'grid' },
      maxTrialCount: 3,
      parallelTrialCount: 1,
      resumePolicy: 'LongRunning',
      ...search(6, seconds),
      ...spec
    }
  } as IExperiment);
}

const when = (name: string, done: (experiment: IExperiment) => boolean): Promise<IExperiment> =>
  until(() => experiments.get({ name, namespace: namespace() }), done);
const isIn = (phase: Phase) => (experiment: IExperiment) =>
  healthOf(tuningExperiments, experiment).phase === phase;

async function studyOf(experiment: IExperiment) {
  const { name = '' } = experiment.metadata ?? {};
  const where = { namespace: namespace() };
  const trials = await client
    .resource(trialKind)
    .list({ ...where, labelSelector: `${EXPERIMENT_LABEL}=${name}` });
  const suggestion = await client.resource(suggestions).get({ name, ...where });
  return { trials, study: studyOfExperiment(experiment, trials, suggestion) };
}

onlyLocal('an Experiment', () => {
  it('is read with its trials: the best, facts, pods of a trial, a training like it', async () => {
    await make('grid', search(3));
    const experiment = await when('grid', isIn('succeeded'));
    const { study, trials } = await studyOf(experiment);
    expect(study.trials.map(({ state }) => state)).toEqual(Array(3).fill('succeeded'));
    const best = study.trials.find(({ name }) => name === study.best)!;
    expect(best.parameters).toEqual({ x: '2' });
    expect(best.objective).toBe(-0);
    const now = Date.now();
    expect(factsOfStudy(study, budgetOf(experiment), now)).toMatchObject({ ended: 3, budget: 3 });
    expect(factsOfExperiment(experiment, now).counts).toEqual(
      factsOfStudy(study, budgetOf(experiment), now).counts
    );
    const object = trials.find(({ metadata }) => metadata?.name === best.name)!;
    const pods = await client.resource(podKind).list({
      namespace: namespace(),
      labelSelector: `${podLabel(object)}=${best.name}`
    });
    expect(pods).toHaveLength(1);
    expect(trainJobOfTrial(object)?.spec.trainer?.command?.join(' ')).toContain('float("2")');
  });

  it('takes no smaller budget than the least, is resumed by a larger one, and only where it may be', async () => {
    await make('budget', {}, 1);
    const running = await when('budget', ({ status }) => status?.trialsRunning === 1);
    expect(canStop(running)).toBe(true);
    const ref = { name: 'budget', namespace: namespace() };
    const patch = (body: object) => experiments.patch(ref, { type: 'merge', body });
    const least = leastBudget(running);
    const refused = (await failure(
      patch(budgetPatch({ ...least, max: least.max - 1 }))
    )) as ApiError;
    expect(refused.message).toMatch(/maxTrialCount/);
    await patch(budgetPatch(least));
    const stopped = await when('budget', isIn('succeeded'));
    expect(stopped.status?.trials).toBe(least.max);
    expect(obstacleOf(stopped)).toBeUndefined();
    expect(canStop(stopped)).toBe(false);
    await patch(budgetPatch({ ...least, max: least.max + 1 }));
    const resumed = await when(
      'budget',
      each => isIn('succeeded')(each) && each.status?.trials === least.max + 1
    );
    expect(conditionOf(resumed, 'Succeeded')?.reason).toBe('ExperimentMaxTrialsReached');

    await make('never', { resumePolicy: 'Never', maxTrialCount: 1 });
    const over = await when('never', isIn('succeeded'));
    expect(obstacleOf(over)).toBe('policy');
    const never = { name: 'never', namespace: namespace() };
    const body = budgetPatch({ ...leastBudget(over), max: 4 });
    const why = (await failure(experiments.patch(never, { type: 'merge', body }))) as ApiError;
    expect(why.message).toMatch(/resumePolicy/);
  });

  it('fails with the reason of its trials', async () => {
    const objective = { type: 'maximize', objectiveMetricName: 'missing' };
    await make('silent', { objective, maxFailedTrialCount: 1 });
    const failed = await when('silent', isIn('failed'));
    const { study } = await studyOf(failed);
    expect(study.trials[0]).toMatchObject({ state: 'metrics-unavailable' });
    expect(study).not.toHaveProperty('best');
  });
});

onlyLocal('an OptimizationJob', () => {
  it('is read with its TrainJobs: parameters, the best, and their series', async () => {
    const code = [
      'import os',
      'from kubeflow.trainer import update_trainjob_status',
      'x = float(os.environ["KUBEFLOW_TRAINER_OPT_X"])',
      'update_trainjob_status(metrics={"loss": x * x})'
    ].join('\n');
    await client.resource(optimizationJobs).create({
      metadata: { name: 'tune', namespace: namespace() },
      spec: {
        objectives: [{ metric: 'loss', direction: 'Minimize' }],
        searchAlgorithm: { grid: {} },
        parameters: [{ name: 'x', searchSpace: { categorical: { choices: ['3', '1', '2'] } } }],
        numTrials: 3,
        parallelTrials: 1,
        trainJobTemplate: {
          spec: {
            runtimeRef: { name: 'python-distributed' },
            trainer: { numNodes: 1, command: ['python', '-c', code] }
          }
        }
      }
    } as IOptimizationJob);
    const job = await until(
      () => client.resource(optimizationJobs).get({ name: 'tune', namespace: namespace() }),
      each => healthOf(optimizationJobs, each).phase === 'succeeded'
    );
    const jobs = await client.resource(trainJobs).list({ namespace: namespace() });
    const study = studyOfOptimizationJob(job, jobs);
    expect(study.trials.map(({ parameters }) => parameters['x']).sort()).toEqual(['1', '2', '3']);
    const best = study.trials.find(({ name }) => name === study.best)!;
    expect(best).toMatchObject({ parameters: { x: '1' }, objective: 1, state: 'succeeded' });
    const katib = new KatibClient({ transport: kubernetes.transport });
    const of = { kind: 'OptimizationJob', namespace: namespace() } as const;
    const read = seriesReader(of, katib, kubernetes, { __: (text: string) => text } as never);
    const { source, metrics } = await read(best);
    expect([source, metrics['loss']?.map(({ value }) => value)]).toEqual(['history', [1]]);
  });
});
