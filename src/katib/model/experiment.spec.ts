import { makeExperiment, makeSuggestion, makeTrial } from '../../testing/katib';
import { bestValueOf, studyOfExperiment, trialOf } from './experiment';

const study = (...[experiment, trials]: Parameters<typeof studyOfExperiment>) =>
  studyOfExperiment(experiment, trials);

describe('the study of an Experiment', () => {
  it('has objective, algorithm and search space', () => {
    const found = study(
      makeExperiment('digits', {
        spec: {
          parameters: [
            ...makeExperiment('x').spec.parameters!,
            {
              name: 'batch',
              parameterType: 'discrete',
              feasibleSpace: { list: ['16', '32'], distribution: 'uniform' }
            },
            { name: 'opt', parameterType: 'categorical', feasibleSpace: { list: ['adam', 'sgd'] } }
          ]
        }
      }),
      []
    );
    expect(found).toEqual({
      trials: [],
      kind: 'Experiment',
      namespace: 'team-a',
      name: 'digits',
      uid: 'uid-digits',
      objective: { metric: 'accuracy', direction: 'maximize', goal: 0.99 },
      additionalMetrics: ['loss'],
      algorithm: 'tpe',
      parameters: [
        { name: 'lr', type: 'double', min: 0.0001, max: 0.1, log: true },
        { name: 'layers', type: 'int', min: 1, max: 8, step: 1, log: false },
        { name: 'batch', type: 'discrete', choices: ['16', '32'], log: false },
        { name: 'opt', type: 'categorical', choices: ['adam', 'sgd'], log: false }
      ]
    });
  });

  it('numbers its own trials by creation and leaves out those of an earlier one of its name', () => {
    const { trials } = study(makeExperiment('digits'), [
      makeTrial('digits', 'zzz', { created: 1 }),
      makeTrial('digits', 'aaa', { created: 5 }),
      makeTrial('digits', 'old', {
        metadata: {
          ownerReferences: [
            { apiVersion: 'kubeflow.org/v1beta1', kind: 'Experiment', name: 'digits', uid: 'old' }
          ]
        }
      }),
      makeTrial('other', 'bbb')
    ]);
    expect(trials.map(({ number, name }) => [number, name])).toEqual([
      [1, 'digits-zzz'],
      [2, 'digits-aaa']
    ]);
  });

  it('takes trials of the same second in the order in which they were suggested', () => {
    const names = ['b', 'a', 'd', 'c'];
    const suggestion = makeSuggestion('digits', {
      status: { suggestions: ['d', 'b', 'c'].map(name => ({ name: `digits-${name}` })) }
    });
    const { trials } = studyOfExperiment(
      makeExperiment('digits'),
      names.map(name => makeTrial('digits', name, { created: name === 'd' ? 2 : 1 })),
      suggestion
    );
    expect(trials.map(({ name }) => name)).toEqual([
      'digits-b',
      'digits-c',
      'digits-a',
      'digits-d'
    ]);
  });

  it.each([
    [['Created'], 'pending'],
    [['Created', 'Running'], 'running'],
    [['Created', 'Running!', 'Succeeded'], 'succeeded'],
    [['Created', 'Running!', 'Failed'], 'failed'],
    [['Created', 'Running!', 'Killed'], 'killed'],
    [['Created', 'EarlyStopped', 'Running!'], 'early-stopped'],
    [['Created', 'Running!', 'MetricsUnavailable'], 'metrics-unavailable']
  ])('counts %j as %s', (state, expected) => {
    expect(trialOf(makeTrial('digits', 'a', { state })).state).toBe(expected);
  });

  it('takes the objective by its strategy, and the latest where that is unavailable', () => {
    const values = ['0.7', '0.5', '0.9'] as const;
    const by = (value: string) => ({
      objective: {
        ...makeExperiment('x').spec.objective,
        metricStrategies: [{ name: 'accuracy', value }]
      }
    });
    const objective = (spec: object, accuracy: readonly [string, string, string] = values) =>
      trialOf(makeTrial('digits', 'a', { accuracy, spec })).objective;
    expect(objective(by('max'))).toBe(0.9);
    expect(objective(by('min'))).toBe(0.5);
    expect(objective(by('latest'))).toBe(0.7);
    expect(objective(by('max'), ['0.7', 'unavailable', 'unavailable'])).toBe(0.7);
    expect(objective(by('max'), ['unavailable', 'unavailable', 'unavailable'])).toBeUndefined();
  });

  it('tells when a trial began and ended, also where early stopping wrote no time', () => {
    const ended = trialOf(makeTrial('digits', 'a', { created: 3, end: 40 }));
    expect([ended.start, ended.end]).toEqual([
      Date.parse('2026-01-01T10:00:03Z'),
      Date.parse('2026-01-01T10:00:40Z')
    ]);
    const stopped = trialOf(makeTrial('digits', 'b', { state: ['Created', 'EarlyStopped'] }));
    expect(stopped.end).toBe(Date.parse('2026-01-01T10:01:01Z'));
    const running = trialOf(makeTrial('digits', 'c', { state: ['Created', 'Running'] }));
    expect(running).not.toHaveProperty('end');
  });

  it('says why a trial failed', () => {
    const message = 'Trial has failed. Job message: Job has reached the specified backoff limit';
    const failed = trialOf(
      makeTrial('digits', 'a', { state: ['Created', 'Running!', 'Failed'], message })
    );
    expect(failed.reason).toBe(message);
    expect(trialOf(makeTrial('digits', 'b'))).not.toHaveProperty('reason');
  });

  it('has the best trial that Katib names, and finds one itself before that', () => {
    const trials = [
      makeTrial('digits', 'a', { created: 1, accuracy: ['0.8', '0.8', '0.8'] }),
      makeTrial('digits', 'b', { created: 2, accuracy: ['0.9', '0.9', '0.9'] }),
      makeTrial('digits', 'c', { created: 3, accuracy: ['NaN', 'unavailable', 'unavailable'] })
    ];
    const told = (bestTrialName: string) =>
      makeExperiment('digits', { status: { currentOptimalTrial: { bestTrialName } } });
    expect(study(told('digits-a'), trials).best).toBe('digits-a');
    expect(study(told(''), trials).best).toBe('digits-b');
    expect(study(told(''), trials.slice(2))).not.toHaveProperty('best');
  });

  it('reads the best value from the experiment alone', () => {
    const metrics = [{ name: 'accuracy', latest: '0.9', min: '0.1', max: '0.97' }];
    const currentOptimalTrial = { bestTrialName: 'digits-a', observation: { metrics } };
    expect(bestValueOf(makeExperiment('digits', { status: { currentOptimalTrial } }))).toBe(0.97);
    expect(bestValueOf(makeExperiment('digits'))).toBeUndefined();
  });

  it('reads a trial once, until it changes', () => {
    const trial = makeTrial('digits', 'a');
    expect(trialOf(trial)).toBe(trialOf(trial));
    const [first, again, later] = [
      [trial],
      [trial],
      [makeTrial('digits', 'z', { created: 0 }), trial]
    ].map(trials => study(makeExperiment('digits'), trials).trials.at(-1));
    expect(again).toBe(first);
    expect([first?.number, later?.number]).toEqual([1, 2]);
  });
});
