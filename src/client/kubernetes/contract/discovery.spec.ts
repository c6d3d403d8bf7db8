/** What a server has. */
import { clientOf } from '../../../testing/kubernetes';
import {
  clusterServingRuntimes,
  clusterTrainingRuntimes,
  events,
  inferenceServices,
  jobs,
  jobSets,
  leaderWorkerSets,
  namespaces,
  pods,
  servingRuntimes,
  there,
  trainingRuntimes,
  trainJobs
} from '..';
import type { IKind } from '..';

const { discovery } = clientOf();

const unknown: IKind = {
  group: 'example.com',
  versions: ['v2', 'v1'],
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
  health: there
};

describe('discovery', () => {
  it.each<IKind<never>>([
    pods,
    namespaces,
    events,
    jobs,
    jobSets,
    trainJobs,
    trainingRuntimes,
    clusterTrainingRuntimes,
    inferenceServices,
    servingRuntimes,
    clusterServingRuntimes,
    leaderWorkerSets
  ])('finds $kind', async kind => {
    expect(await discovery.version(kind)).toBe(kind.versions[0]);
  });

  it('takes the first version that is served', async () => {
    const versions = ['v9', 'v1beta9', 'v1'];
    expect(await discovery.version({ ...jobs, versions })).toBe('v1');
  });

  it.each([unknown, { ...jobs, plural: 'widgets' }, { ...jobs, versions: ['v9'] }])(
    'says what is not there',
    async kind => {
      expect(await discovery.has(kind)).toBe(false);
      await expect(discovery.version(kind)).rejects.toMatchObject({
        status: 404,
        reason: 'NotInstalled',
        message: expect.stringContaining(`${kind.plural}.${kind.group}`)
      });
    }
  );
});
