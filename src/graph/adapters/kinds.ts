/** What a task of a spec is, in the words of the graph document. */
import type { GraphNodeKind } from '../schema';
import { object, text } from '../wire';
import { conditionOf, isLoop } from './ir';
import type { ISpec, ISpecTask } from './ir';

/** The kind of a task. Names are those that the KFP compiler gives to the groups it makes. */
export function taskKind(spec: ISpec, task: ISpecTask): GraphNodeKind {
  if (isLoop(task)) {
    return 'loop';
  }
  if (task.component?.dag === undefined) {
    const executor = object(spec.executors[text(task.component?.executorLabel) ?? '']);
    return executor.importer === undefined ? 'runtime' : 'importer';
  }
  if (conditionOf(task) !== undefined) {
    return 'condition';
  }
  if (/^condition-branches-\d+$/.test(task.name)) {
    return 'branch';
  }
  return /^exit-handler-\d+$/.test(task.name) ? 'exit-handler' : 'dag';
}
