/** What a task of a spec is, in the words of the graph document. */
import type { GraphNodeKind } from '../schema';
import { object, text } from '../wire';
import { conditionOf, isLoop } from './ir';
import type { ISpec, ISpecTask } from './ir';

/** The name that the KFP compiler gives to a group of branches. */
const BRANCHES = /^condition-branches-\d+$/;

/** What a node is called: its task's name, but a word for a group of branches that nobody has named. */
export function labelOf(kind: GraphNodeKind, displayName: string): string {
  return kind === 'branch' && BRANCHES.test(displayName) ? 'branches' : displayName;
}

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
  if (BRANCHES.test(task.name)) {
    return 'branch';
  }
  return /^exit-handler-\d+$/.test(task.name) ? 'exit-handler' : 'dag';
}
