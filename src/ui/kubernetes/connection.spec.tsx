import { act, render, screen } from '@testing-library/react';

import type { IServiceRequest } from '../../client/transport';
import { FakeKubernetes } from '../../testing/fakeKubernetes';
import { makeConnection } from '../../testing/pipelinesContext';
import type { IKubeflow } from '../tokens';
import { kubernetesOf, useKubernetes, useNamespace } from './connection';

it('is one cluster for all who ask, until another connection is chosen', () => {
  const connection = makeConnection({ active: 'one' });
  const kubeflow = { transport: new FakeKubernetes(), connection } as unknown as IKubeflow;
  const seen = new Set<unknown>();
  function View(): JSX.Element {
    seen.add(useKubernetes(kubeflow));
    return <p>{useNamespace(kubeflow)}</p>;
  }
  render(
    <>
      <View />
      <View />
    </>
  );
  expect(seen.size).toBe(1);
  act(() => connection.set({ namespace: 'team-b' }));
  expect(screen.getAllByText('team-b')).toHaveLength(2);
  expect(seen.size).toBe(1);
  act(() => connection.set({ active: 'two' }));
  expect(seen.size).toBe(2);
  expect(seen).toContain(kubernetesOf(kubeflow));
});

it('reads the kinds of the server once, and again after a failure', async () => {
  const server = new FakeKubernetes({ pods: [] });
  const connection = makeConnection();
  const kubernetes = kubernetesOf({ transport: server, connection } as unknown as IKubeflow);
  server.offline = true;
  await expect(kubernetes.resources()).rejects.toThrow('cannot be reached');
  server.offline = false;
  expect(await kubernetes.resources()).toMatchObject([{ plural: 'pods' }]);
  const asked = server.requests.length;
  await kubernetes.resources();
  expect(server.requests).toHaveLength(asked);
});

it('asks a connection for its kinds no longer when another one is chosen', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const hangs = {
    json: (_: string, { signal }: IServiceRequest) => {
      signals.push(signal);
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason))
      );
    }
  };
  const connection = makeConnection({ active: 'one' });
  const kubeflow = { transport: hangs, connection } as unknown as IKubeflow;
  const reading = kubernetesOf(kubeflow).resources();
  connection.set({ active: 'two' });
  void kubernetesOf(kubeflow)
    .resources()
    .catch(() => undefined);
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  expect(signals.map(signal => signal?.aborted)).toEqual([true, true, false, false]);
});
