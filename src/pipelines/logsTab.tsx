import { HTMLSelect } from '@jupyterlab/ui-components';

import type { ITask } from '../graph/tasks';
import { stateLabel } from '../ui/stateLabel';
import { ViewState } from '../ui/viewState';
import type { PipelinesContext } from './context';
import { failedTask, isLeaf } from './progress';
import type { IRunDetail } from './runModel';
import { TaskLog } from './taskLog';

/** The task whose log answers most: the one that failed, else the one that runs, else the last one. */
export function tellingTask(tasks: readonly ITask[]): ITask | undefined {
  const leaves = tasks.filter(isLeaf);
  const failed = failedTask(leaves);
  return failed ?? leaves.find(task => task.state === 'running') ?? leaves[leaves.length - 1];
}

/** A task's name with its iteration, so that the tasks of a loop can be told apart. */
export function taskTitle(task: ITask): string {
  const numbers = task.scopePath.match(/\.\d+(?=\.|$)/g)?.map(part => part.slice(1)) ?? [];
  return numbers.length > 0 ? `${task.displayName} [${numbers.join('.')}]` : task.displayName;
}

/** The logs of a run: choose a task, read its log. */
export function LogsTab(props: {
  context: PipelinesContext;
  detail: IRunDetail;
  taskId: string | null;
  onTask: (id: string) => void;
}): JSX.Element {
  const { context, detail, onTask } = props;
  const { trans } = context;
  const leaves = detail.tasks.filter(isLeaf);
  const task = leaves.find(item => item.id === props.taskId) ?? tellingTask(leaves);
  if (!task) {
    return <ViewState kind="empty" trans={trans} message={trans.__('No task has started yet.')} />;
  }
  return (
    <div className="jp-Kubeflow-logs">
      <label className="jp-Kubeflow-chooser">
        {trans.__('Task')}
        <HTMLSelect
          className="jp-Kubeflow-select"
          value={task.id}
          options={leaves.map(item => ({
            value: item.id,
            label: `${taskTitle(item)} – ${stateLabel(item.state, trans)}`
          }))}
          onChange={event => onTask(event.currentTarget.value)}
        />
      </label>
      <TaskLog key={task.id} context={context} run={detail.run} task={task} />
    </div>
  );
}
