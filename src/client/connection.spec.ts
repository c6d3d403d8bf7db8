/** @jest-environment node */
import { Connection } from './connection';
import type { IConnectionState } from './connection';
import { unreachable } from './errors';
import type { IServiceRequest } from './transport';

const state = (active: string, namespace = 'default'): IConnectionState => ({
  active,
  namespace,
  profiles: [],
  components: { pipelines: { available: true }, registry: { available: false, reason: 'none' } },
  status: { ok: true }
});

/** A server whose answers are given by hand. */
function server() {
  const asked: (IServiceRequest & { answer: (value: unknown) => void })[] = [];
  const json = <T>(request: IServiceRequest): Promise<T> =>
    new Promise((resolve, reject) => {
      const answer = (value: unknown) =>
        value instanceof Error ? reject(value) : resolve(value as T);
      asked.push({ ...request, answer });
    });
  return { asked, json };
}

it('reads the state once for all who ask meanwhile, and tells its listeners', async () => {
  const { asked, json } = server();
  const connection = new Connection({ json });
  const listener = jest.fn();
  const stop = connection.subscribe(listener);
  expect(connection.isAvailable('pipelines')).toBe(false);
  const both = [connection.refresh(), connection.refresh()];
  expect(asked).toHaveLength(1);
  asked[0]?.answer(state('local'));
  await Promise.all(both);
  expect(connection.state?.active).toBe('local');
  expect(connection.isAvailable('pipelines')).toBe(true);
  expect(connection.isAvailable('registry')).toBe(false);
  expect(connection.isAvailable('nothing')).toBe(false);
  expect(listener).toHaveBeenCalledTimes(1);
  stop();
  const again = connection.refresh();
  asked[1]?.answer(state('local'));
  await again;
  expect(listener).toHaveBeenCalledTimes(1);
});

it('keeps the last state when a read fails, and forgets the failure with the next success', async () => {
  const { asked, json } = server();
  const connection = new Connection({ json });
  const answers = [state('local'), unreachable('jupyter'), state('local')];
  const errors = [];
  for (const [i, answer] of answers.entries()) {
    const read = connection.refresh();
    asked[i]?.answer(answer);
    await read;
    expect(connection.state?.active).toBe('local');
    errors.push(connection.error);
  }
  expect(errors).toEqual([null, answers[1], null]);
});

it('switches by PUT and drops the answer of a read that began before', async () => {
  const { asked, json } = server();
  const connection = new Connection({ json });
  const read = connection.refresh();
  const select = connection.select({ active: 'cluster', namespace: 'team' });
  expect(asked[1]).toMatchObject({
    method: 'PUT',
    path: '/connection',
    json: { active: 'cluster', namespace: 'team' }
  });
  asked[1]?.answer(state('cluster', 'team'));
  await select;
  asked[0]?.answer(state('local'));
  await read;
  expect(connection.state).toMatchObject({ active: 'cluster', namespace: 'team' });
});

it('rejects when the switch fails, and stays where it was', async () => {
  const { asked, json } = server();
  const connection = new Connection({ json });
  const read = connection.refresh();
  asked[0]?.answer(state('local'));
  await read;
  const select = connection.select({ active: 'gone' });
  asked[1]?.answer(unreachable('jupyter'));
  await expect(select).rejects.toThrow('cannot be reached');
  expect(connection.state?.active).toBe('local');
});
