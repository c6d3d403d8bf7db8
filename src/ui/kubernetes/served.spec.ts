import { trainJobs } from '../../client/kubernetes/kinds';
import { FakeKubernetes } from '../../testing/fakeKubernetes';
import { makeConnection } from '../../testing/pipelinesContext';
import type { IKubeflow } from '../tokens';
import { ServedKind } from './served';

const READY = { kubernetes: { available: true } };
const settle = () => new Promise(resolve => setTimeout(resolve));

function make(objects: Record<string, never[]>, change: Parameters<typeof makeConnection>[0]) {
  const server = new FakeKubernetes(objects);
  const connection = makeConnection(change);
  const served = new ServedKind(
    { transport: server, connection } as unknown as IKubeflow,
    trainJobs
  );
  const told = jest.fn();
  served.subscribe(told);
  return { server, connection, served, told };
}

it('finds a component by its kind, and asks no more then', async () => {
  const { server, connection, served, told } = make({ trainjobs: [] }, { components: READY });
  await settle();
  expect(served.found).toBe(true);
  expect(told).toHaveBeenCalledTimes(1);
  connection.set({});
  await settle();
  expect(server.requests).toEqual(['GET /apis/trainer.kubeflow.org/v1alpha1']);
});

it('asks again at the next look where it was not found, as after an installation', async () => {
  const objects: Record<string, never[]> = {};
  const { connection, served } = make(objects, { components: READY });
  await settle();
  expect(served.found).toBe(false);
  objects['trainjobs'] = [];
  connection.set({});
  await settle();
  expect(served.found).toBe(true);
});

it('does not start Local Kubeflow to find out, and begins anew with another connection', async () => {
  const local = [{ name: 'local', kind: 'local' as const, namespaces: [] }];
  const { server, connection, served, told } = make({}, { active: 'local', profiles: local });
  expect(served.found).toBe(true);
  connection.set({ active: 'cluster', profiles: [], components: {} });
  expect(served.found).toBe(false);
  expect(told).toHaveBeenCalled();
  expect(server.requests).toEqual([]);
});
