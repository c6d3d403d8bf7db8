/** The client and the Local Kubeflow of the contract specs, and what they wait for. */
import type { ITask } from '../graph/tasks';
import type { ILocalKubeflow } from './localKubeflow';
import { DirectTransport, PipelinesClient } from '../client';
import type { IRun } from '../client';

export const { home, services, token } = JSON.parse(
  process.env['KUBEFLOW_TEST_LOCAL'] ?? '{}'
) as ILocalKubeflow;

export const client = new PipelinesClient(new DirectTransport({ services, token }));

/** Asks until `done` says yes. */
export async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (done(answer)) {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** The run when it has ended. */
export const ended = (run: IRun): Promise<IRun> =>
  until(
    () => client.getRun(run.id),
    ({ finishedAt }) => finishedAt !== undefined
  );

/** The task of this name. */
export function find(tasks: ITask[], name: string): ITask {
  const task = tasks.find(one => one.name === name);
  if (!task) {
    throw new Error(`There is no task ${name} among ${tasks.map(one => one.name).join(', ')}.`);
  }
  return task;
}

/** All of a stream. */
export async function text(parts: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const part of parts) {
    whole += part;
  }
  return whole;
}

/** What a promise was rejected with; `undefined` when it was not. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error
  );
