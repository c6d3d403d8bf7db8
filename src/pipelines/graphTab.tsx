import { useMemo } from 'react';

import { graphFromRun } from '../graph/adapters';
import { GraphView } from '../graph/react';
import type { IGraphDocument } from '../graph/schema';
import { graphWords } from '../graph/translatedWords';
import { ViewState } from '../ui/viewState';
import type { PipelinesContext } from './context';
import type { IRunDetail } from './runModel';
import { TaskPane } from './taskPane';

/** A scope path without the numbers of iterations: the id of the node that stands for all of them. */
export function nodeOf(scopePath: string): string {
  return scopePath
    .split('.')
    .filter(part => !/^\d+$/.test(part))
    .join('.');
}

/** The run's graph, and the task that is selected in it. */
export function GraphTab(props: {
  context: PipelinesContext;
  detail: IRunDetail;
  taskId: string | null;
  onTask: (id: string | null) => void;
}): JSX.Element {
  const { context, detail, taskId, onTask } = props;
  const { trans } = context;
  const { run, tasks } = detail;
  const words = useMemo(() => graphWords(trans), [trans]);
  const graph = useMemo((): IGraphDocument | Error => {
    const info = { id: run.id, name: run.name, state: run.state };
    try {
      return graphFromRun(run.pipelineSpec, tasks, info);
    } catch (error) {
      return tasks.length > 0 ? graphFromRun(undefined, tasks, info) : (error as Error);
    }
  }, [run, tasks]);

  if (graph instanceof Error || graph.nodes.length === 0) {
    return (
      <ViewState
        kind={graph instanceof Error ? 'error' : 'empty'}
        trans={trans}
        message={graph instanceof Error ? graph.message : trans.__('No task has started yet.')}
        error={graph instanceof Error ? graph : undefined}
      />
    );
  }
  const chosen = tasks.find(task => task.id === taskId);
  const nodeId = chosen ? nodeOf(chosen.scopePath) : taskId;
  const node = graph.nodes.find(item => item.id === nodeId);
  const own = tasks.filter(task => node && nodeOf(task.scopePath) === node.id);
  const iterations = own.some(task => task.kind === 'root') ? [] : own;
  return (
    <div className="jp-Kubeflow-split">
      <GraphView
        document={graph}
        words={words}
        selected={node?.id}
        onSelect={id => {
          const next = graph.nodes.find(item => item.id === id);
          onTask(next ? (next.refs?.['taskId'] ?? next.id) : null);
        }}
      />
      {node && (
        <TaskPane
          key={node.id}
          context={context}
          run={run}
          tasks={iterations}
          label={node.label}
          taskId={taskId}
          onTask={onTask}
          onClose={() => onTask(null)}
        />
      )}
    </div>
  );
}
