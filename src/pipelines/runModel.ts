import { isAborted } from '../client/errors';
import type { IRun } from '../client/pipelines';
import type { ITask } from '../graph/tasks';
import { LiveModel } from '../ui/live';
import { isFinal } from '../ui/state';
import type { PipelinesContext } from './context';

/** A run and its tasks as they were read together. */
export interface IRunDetail {
  run: IRun;
  tasks: ITask[];
  /** Why the tasks could not be read, when only they could not. */
  taskError?: unknown;
}

/** Milliseconds between two reads of a run that goes on. */
const INTERVAL = 1500;
/** How long after a run's end its tasks may still change, in milliseconds. */
const SETTLING = 30_000;

/** A run's detail, live until nothing of it can change any more. */
export function runModel(context: PipelinesContext, runId: string): LiveModel<IRunDetail> {
  const { client, watcher } = context;
  return new LiveModel<IRunDetail>({
    read: async (last, signal) => {
      const run = await client.getRun(runId, signal);
      watcher.saw([run]);
      try {
        return { run, tasks: await client.getTasks(run, signal) };
      } catch (taskError) {
        if (isAborted(taskError)) {
          throw taskError;
        }
        return { run, tasks: last?.tasks ?? [], taskError };
      }
    },
    interval: ({ run, tasks, taskError }) => {
      const settled = tasks.every(task => isFinal(task.state)) && taskError === undefined;
      const ended = Date.parse(run.finishedAt ?? '') || 0;
      return isFinal(run.state) && (settled || Date.now() - ended > SETTLING) ? Infinity : INTERVAL;
    }
  });
}
