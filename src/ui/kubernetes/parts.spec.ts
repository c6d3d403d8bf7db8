import { nullTranslator } from '@jupyterlab/translation';

import {
  jobs,
  jobSets,
  pods,
  trainJobs,
  type Event,
  type Pod
} from '../../client/kubernetes/kinds';
import { status } from '../../testing/fakeKubernetes';
import { asKind, genericHealth } from './anyKind';
import { conditionSentences } from './conditionWords';
import { eventRows } from './eventRows';
import { ownedBy, ownedKinds } from './owned';
import { defaultContainer, logSources, shortNames } from './podContainers';
import { forbiddenWords } from './problem';
import { pluralKind, words } from './words';

const trans = nullTranslator.load('jupyterlab_kubeflow');

describe('words', () => {
  it.each([
    ['BackoffLimitExceeded', 'Backoff limit exceeded'],
    ['OOMKilled', 'OOM killed'],
    ['PodScheduled', 'Pod scheduled'],
    ['Ready', 'Ready']
  ])('reads %s', (given, expected) => expect(words(given)).toBe(expected));

  it('names kinds in the plural', () => {
    expect(pluralKind(pods)).toBe('Pods');
    expect(pluralKind({ kind: 'Ingress', plural: 'ingresses' })).toBe('Ingresses');
    expect(pluralKind({ kind: 'TrainJob', plural: 'trainjobs' })).toBe('TrainJobs');
    expect(pluralKind({ kind: 'NetworkPolicy', plural: 'networkpolicies' })).toBe(
      'NetworkPolicies'
    );
  });
});

describe('kinds', () => {
  it('know the state of what the client knows', () => {
    expect(asKind({ ...pods, versions: ['v1'] })).toBe(pods);
  });

  it.each([
    [{ status: { conditions: [{ type: 'Failed', status: 'True', reason: 'Bad' }] } }, 'failed'],
    [{ status: { conditions: [{ type: 'Ready', status: 'False' }] } }, 'degraded'],
    [{ status: { phase: 'Bound' } }, 'ready'],
    [{ status: { phase: 'Whatever' } }, 'unknown'],
    [{}, 'ready']
  ])('guess that of others: %j is %s', (object, phase) => {
    expect(genericHealth(object as object)).toMatchObject({ phase });
  });
});

describe('conditions', () => {
  it('are sentences, what is wrong first, with a remedy', () => {
    const found = conditionSentences(
      [
        { type: 'Initialized', status: 'True' },
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available',
          lastTransitionTime: '2026-11-20T10:00:00Z'
        },
        { type: 'MemoryPressure', status: 'False' },
        { type: 'Suspended', status: 'True', reason: 'JobSuspended' }
      ],
      trans
    );
    expect(found.map(({ phase, text }) => [phase, text])).toEqual([
      ['degraded', 'Not pod scheduled: unschedulable'],
      ['suspended', 'Suspended'],
      ['ready', 'Initialized'],
      ['ready', 'Not memory pressure']
    ]);
    expect(found[0]).toMatchObject({
      message: '0/3 nodes are available',
      since: '2026-11-20T10:00:00Z'
    });
    expect(found[0]?.remedy).toMatch(/No node has room/);
  });
});

it('says once that something has failed', () => {
  const condition = (type: string) => ({ type, status: 'True', reason: 'BackoffLimitExceeded' });
  const said = (...types: string[]) =>
    conditionSentences(types.map(condition), trans).map(each => each.text);
  expect(said('FailureTarget', 'Failed')).toEqual(['Failed: backoff limit exceeded']);
  expect(said('FailureTarget')).toEqual(['Failure target: backoff limit exceeded']);
});

describe('refusals', () => {
  const access = { verb: 'update', kind: jobs, namespace: 'team-a' } as const;

  it('of the API name verb, kind and namespace', () => {
    const error = status(403, 'Forbidden', 'jobs.batch is forbidden', { kind: 'jobs' });
    expect(forbiddenWords(access, error, trans)).toBe(
      'You may not update Jobs in team-a. Ask for the right to “update” jobs.batch there.'
    );
    expect(forbiddenWords({ verb: 'list', kind: jobs }, error, trans)).toMatch(
      /^You may not list Jobs in all namespaces\..*or choose one namespace\.$/
    );
  });

  it('of the proxy name its setting', () => {
    const error = status(403, 'Forbidden', 'Add jobs.batch to the setting.', undefined);
    expect(forbiddenWords(access, error, trans)).toBe('Add jobs.batch to the setting.');
  });

  it('of credentials name the connection, not a right', () => {
    const error = status(
      401,
      'Unauthorized',
      'The cluster of “kind” refuses the token.',
      undefined
    );
    expect(forbiddenWords(access, error, trans)).toBe('The cluster of “kind” refuses the token.');
  });
});

describe('events', () => {
  const event = (change: Partial<Event>): Event => ({
    metadata: {},
    involvedObject: { kind: 'Pod', name: 'one', uid: 'u1' },
    reason: 'Pulled',
    message: 'Image pulled',
    type: 'Normal',
    ...change
  });

  it('are those of the objects alone, newest first, the same ones counted', () => {
    const rows = eventRows(
      [
        event({ lastTimestamp: '2026-11-20T10:00:00Z', count: 2 }),
        event({ lastTimestamp: '2026-11-20T10:05:00Z' }),
        event({ reason: 'Failed', type: 'Warning', eventTime: '2026-11-20T10:02:00.5Z' }),
        event({ involvedObject: { kind: 'Pod', name: 'other', uid: 'u2' } })
      ],
      new Set(['u1'])
    );
    expect(rows.map(({ reason, count, warning, last }) => [reason, count, warning, last])).toEqual([
      ['Pulled', 3, false, '2026-11-20T10:05:00Z'],
      ['Failed', 1, true, '2026-11-20T10:02:00.5Z']
    ]);
  });

  it('have their first and last times by the clock, whatever the precision that they are written with', () => {
    const told = ['2026-11-20T10:00:00.500000Z', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00.25Z'];
    const rows = eventRows(
      told.map(eventTime => event({ eventTime })),
      new Set(['u1'])
    );
    expect(rows).toMatchObject([
      { first: '2026-11-20T10:00:00Z', last: '2026-11-20T10:00:00.500000Z' }
    ]);
  });
});

describe('what an object owns', () => {
  it('is looked for among the kinds that its controller makes', () => {
    expect(ownedKinds(trainJobs).map(each => each.plural)).toEqual(['jobsets', 'jobs', 'pods']);
    expect(ownedKinds(pods)).toEqual([]);
  });

  it('is found through others, in their order, whatever is listed first', () => {
    const made = (uid: string, owner: string) => ({
      metadata: {
        name: uid,
        uid,
        ownerReferences: [{ apiVersion: 'v1', kind: 'x', name: 'x', uid: owner }]
      }
    });
    const found = ownedBy('train', [
      { kind: pods, object: made('pod', 'job') },
      { kind: jobs, object: made('job', 'set') },
      { kind: jobSets, object: made('set', 'train') },
      { kind: pods, object: made('stranger', 'nobody') }
    ] as never);
    expect(found.map(({ object, depth }) => [object.metadata?.name, depth])).toEqual([
      ['set', 1],
      ['job', 2],
      ['pod', 3]
    ]);
  });
});

describe('containers', () => {
  const pod = (name: string, statuses: object[], change: object = {}): Pod =>
    ({
      metadata: { name, namespace: 'ns', uid: name },
      spec: { containers: [{ name: 'node' }, { name: 'proxy' }] },
      status: { phase: 'Running', containerStatuses: statuses },
      ...change
    }) as Pod;
  const running = { name: 'node', restartCount: 1, state: { running: {} } };
  const waits = {
    name: 'node',
    restartCount: 0,
    state: { waiting: { reason: 'ContainerCreating' } }
  };
  const all = { pod: '', container: 'node', previous: false };

  it('have a log once they have started; the others say what they wait for', () => {
    const found = logSources([pod('digits-0', [running]), pod('digits-1', [waits])], all, true);
    expect(found.sources).toMatchObject([
      { key: 'digits-0/node/1', label: 'digits-0', ended: false }
    ]);
    expect(found.waiting).toEqual([{ label: 'digits-1', reason: 'container creating' }]);
    expect(found.restarted).toBe(true);
  });

  it('are named beside their pod only where the pod has several', () => {
    const named = (name: string, container: string) => ({
      ...pod(name, [{ ...running, name: container }]),
      spec: { containers: [{ name: container }] }
    });
    const pods = [named('digits-0', 'node'), named('digits-1', 'initializer')] as Pod[];
    const every = { ...all, container: '' };
    const labels = (of: Pod[]) => logSources(of, every, true).sources.map(({ label }) => label);
    expect(labels(pods)).toEqual(['digits-0', 'digits-1']);
    expect(labels([pod('digits-0', [running, { ...running, name: 'proxy' }])])).toEqual([
      'digits-0/node',
      'digits-0/proxy'
    ]);
  });

  it('have a log of the run before only after a restart', () => {
    const previous = { ...all, previous: true };
    const found = logSources([pod('a', [running]), pod('b', [waits])], previous, true);
    expect(found.sources).toMatchObject([{ key: 'a/node/0', previous: true }]);
    expect(found.waiting).toEqual([]);
  });

  it('are chosen by the pod’s default, else the first, else all', () => {
    expect(defaultContainer([pod('a', [])])).toBe('node');
    const annotations = { 'kubectl.kubernetes.io/default-container': 'proxy' };
    const other = pod('b', [], { metadata: { name: 'b', annotations } });
    expect(defaultContainer([other])).toBe('proxy');
    expect(defaultContainer([pod('a', []), other])).toBe('');
  });

  it('are named without what all names begin with, but for a word', () => {
    const short = shortNames(['digits-node-0-0', 'digits-node-0-1']);
    expect(short('digits-node-0-1')).toBe('0-1');
    expect(shortNames(['alone-1'])('alone-1')).toBe('alone-1');
    expect(shortNames(['a', 'b'])('a')).toBe('a');
  });
});
