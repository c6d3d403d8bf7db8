/** @jest-environment node */
import type { IJobSet } from '../client/kubernetes/kinds';
import { makeJob, makePod } from '../testing/trainer';
import type { Runtime } from './nodes';
import { askedResources, resourceNames, totalOf } from './resources';

const template = (name: string, resources: object, completions?: number) => ({
  name,
  template: {
    spec: { completions, template: { spec: { containers: [{ name: 'node', resources }] } } }
  }
});
const none = { pods: [], jobSet: undefined, runtime: undefined };

it('tells what the runtime and the job will ask for', () => {
  const runtime = {
    spec: {
      template: {
        spec: {
          replicatedJobs: [
            template('dataset-initializer', { requests: { cpu: '500m' } }),
            template('node', { requests: { cpu: '1' } })
          ]
        }
      }
    }
  } as unknown as Runtime;
  const trainer = { numNodes: 3, resourcesPerNode: { limits: { cpu: '2', memory: '1Gi' } } };
  const rows = askedResources(makeJob('a', { spec: { trainer } }), { ...none, runtime });
  expect(rows).toMatchObject([
    { step: 'dataset-initializer', count: 1, requests: { cpu: '500m' } },
    { step: 'node', count: 3, requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } }
  ]);
  expect(totalOf(rows, 'cpu')).toBe(3.5);
  expect(totalOf(rows, 'memory')).toBe(3 * 2 ** 30);
  expect(totalOf(rows, 'nvidia.com/gpu')).toBeUndefined();
});

it('tells what the JobSet asks for, and the pods where they differ', () => {
  const jobSet = {
    spec: { replicatedJobs: [template('node', { requests: { 'nvidia.com/gpu': '1' } }, 2)] }
  } as unknown as IJobSet;
  const asked = askedResources(makeJob('a'), { ...none, jobSet });
  expect(asked).toMatchObject([{ count: 2, requests: { 'nvidia.com/gpu': '1' } }]);
  expect(resourceNames(asked)).toEqual(['cpu', 'memory', 'nvidia.com/gpu']);
  const pod = makePod('a', 0, 'Running');
  pod.spec!.containers[0]!.resources = { requests: { cpu: '4' } };
  expect(askedResources(makeJob('a'), { ...none, jobSet, pods: [pod] })).toMatchObject([
    { count: 2, requests: { cpu: '4' } }
  ]);
});
