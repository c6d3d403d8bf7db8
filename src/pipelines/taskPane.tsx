import { closeIcon, HTMLSelect } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { IRun } from '../client/pipelines';
import type { ITask } from '../graph/tasks';
import { formatExact } from '../ui/format';
import { IconButton } from '../ui/iconButton';
import { type IKeyValue, KeyValue } from '../ui/keyValue';
import { StateIcon } from '../ui/state';
import { stateLabel } from '../ui/stateLabel';
import { Tabs } from '../ui/tabs';
import { Elapsed, Name } from '../ui/text';
import { ViewState } from '../ui/viewState';
import { ArtifactList } from './artifactList';
import { parameterRows } from './artifacts';
import type { PipelinesContext } from './context';
import { taskTitle } from './logsTab';
import { isLeaf } from './progress';
import { TaskLog } from './taskLog';

/** What happens in the task that is selected in the graph: state, times, what goes in and out, its log. */
export function TaskPane(props: {
  context: PipelinesContext;
  run: IRun;
  /** The tasks that the selected node stands for: several in a loop, none before it starts. */
  tasks: readonly ITask[];
  /** The node's name. */
  label: string;
  taskId: string | null;
  onTask: (id: string) => void;
  onClose: () => void;
}): JSX.Element {
  const { context, run, tasks } = props;
  const { trans } = context;
  const [tab, setTab] = useState('log');
  const task = tasks.find(item => item.id === props.taskId) ?? tasks[0];
  return (
    <aside className="jp-Kubeflow-pane" aria-label={trans.__('Task %1', props.label)}>
      <header className="jp-Kubeflow-pane-header">
        {task && <StateIcon state={task.state} trans={trans} />}
        <h2>
          <Name text={task?.displayName ?? props.label} />
        </h2>
        <IconButton icon={closeIcon} label={trans.__('Close')} onClick={props.onClose} />
      </header>
      {!task && (
        <ViewState
          kind="empty"
          trans={trans}
          message={trans.__('%1 has not started yet.', props.label)}
        />
      )}
      {task && (
        <>
          <p className="jp-Kubeflow-pane-words">
            {stateLabel(task.state, trans)}
            {task.startTime && (
              <>
                {' · '}
                <Elapsed start={task.startTime} end={task.endTime} />
              </>
            )}
          </p>
          {task.message && (
            <p
              className="jp-Kubeflow-pane-message"
              role={task.state === 'failed' ? 'alert' : undefined}
            >
              {task.message}
            </p>
          )}
          {tasks.length > 1 && (
            <label className="jp-Kubeflow-chooser">
              {trans.__('Iteration')}
              <HTMLSelect
                className="jp-Kubeflow-select"
                value={task.id}
                options={tasks.map(item => ({
                  value: item.id,
                  label: `${taskTitle(item)} – ${stateLabel(item.state, trans)}`
                }))}
                onChange={event => props.onTask(event.currentTarget.value)}
              />
            </label>
          )}
          <Tabs
            label={trans.__('Sections')}
            current={isLeaf(task) ? tab : 'io'}
            onChange={setTab}
            tabs={[
              ...(isLeaf(task)
                ? [
                    {
                      id: 'log',
                      label: trans.__('Log'),
                      render: () => (
                        <TaskLog key={task.id} context={context} run={run} task={task} />
                      )
                    }
                  ]
                : []),
              {
                id: 'io',
                label: trans.__('Inputs and outputs'),
                render: () => <TaskIo context={context} run={run} task={task} />
              },
              {
                id: 'times',
                label: trans.__('Details'),
                render: () => <KeyValue label={trans.__('Details')} rows={details(context, task)} />
              }
            ]}
          />
        </>
      )}
    </aside>
  );
}

function TaskIo(props: { context: PipelinesContext; run: IRun; task: ITask }): JSX.Element {
  const { context, run, task } = props;
  const { trans } = context;
  const sections = [
    { id: 'inputs', title: trans.__('Inputs'), io: task.inputs },
    { id: 'outputs', title: trans.__('Outputs'), io: task.outputs }
  ].filter(({ io }) => Object.keys(io.parameters).length + io.artifacts.length > 0);
  if (sections.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('%1 has no inputs, and no outputs so far.', task.displayName)}
      />
    );
  }
  return (
    <div className="jp-Kubeflow-io">
      {sections.map(({ id, title, io }) => (
        <section key={id}>
          <h2>{title}</h2>
          {Object.keys(io.parameters).length > 0 && (
            <KeyValue label={title} rows={parameterRows(io.parameters)} />
          )}
          <ArtifactList
            context={context}
            run={run}
            outputs={io.artifacts.map(artifact => ({ task, artifact }))}
          />
        </section>
      ))}
    </div>
  );
}

function details({ trans }: PipelinesContext, task: ITask): IKeyValue[] {
  const rows: [string, string | undefined][] = [
    [trans.__('Created'), formatExact(task.createTime)],
    [trans.__('Started'), formatExact(task.startTime)],
    [trans.__('Ended'), formatExact(task.endTime)],
    [trans.__('Task id'), task.id],
    [trans.__('Place in the pipeline'), task.scopePath],
    ...task.pods.map(pod => [trans.__('Pod (%1)', pod.type), pod.name] as [string, string])
  ];
  return rows.flatMap(([key, value]) => (value ? [{ key, value }] : []));
}
