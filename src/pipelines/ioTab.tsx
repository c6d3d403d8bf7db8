import type { ITask } from '../graph/tasks';
import { type IKeyValue, KeyValue } from '../ui/keyValue';
import { ViewState } from '../ui/viewState';
import { artifactView, metricRows, parameterRows, runOutputs, specParameters } from './artifacts';
import { ArtifactList } from './artifactList';
import type { PipelinesContext } from './context';
import { taskTitle } from './logsTab';
import type { IRunDetail } from './runModel';

/** What went into a run and what came out of it. */
export function IoTab(props: { context: PipelinesContext; detail: IRunDetail }): JSX.Element {
  const { context, detail } = props;
  const { trans } = context;
  const { run, tasks } = detail;
  const defaults = Object.fromEntries(
    specParameters(run.pipelineSpec).flatMap(item =>
      item.default === undefined ? [] : [[item.name, item.default]]
    )
  );
  const inputs = parameterRows({ ...defaults, ...run.parameters });
  const results = resultsOf(tasks);
  const outputs = runOutputs(tasks);
  const metrics = outputs.filter(({ artifact }) => artifactView(artifact) === 'metrics');
  const others = outputs.filter(output => !metrics.includes(output));
  if (inputs.length + results.length + outputs.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('This run has no parameters, and has written no outputs so far.')}
      />
    );
  }
  return (
    <div className="jp-Kubeflow-io">
      {inputs.length > 0 && (
        <section>
          <h2>{trans.__('Parameters')}</h2>
          <KeyValue label={trans.__('Parameters')} rows={inputs} />
        </section>
      )}
      {metrics.map(({ task, artifact }) => {
        const label = trans.__('Metrics of %1', taskTitle(task));
        return (
          <section key={`${task.id}/${artifact.key}`}>
            <h2>{label}</h2>
            <KeyValue label={label} rows={metricRows(artifact)} />
          </section>
        );
      })}
      {results.length > 0 && (
        <section>
          <h2>{trans.__('Output parameters')}</h2>
          <KeyValue label={trans.__('Output parameters')} rows={results} />
        </section>
      )}
      {others.length > 0 && (
        <section>
          <h2>{trans.__('Artifacts')}</h2>
          <ArtifactList context={context} run={run} outputs={others} />
        </section>
      )}
    </div>
  );
}

/** The parameters that the run itself hands out; where it hands out none, those of its tasks. */
function resultsOf(tasks: readonly ITask[]): IKeyValue[] {
  const root = tasks.find(task => task.kind === 'root');
  const own = parameterRows(root?.outputs.parameters ?? {});
  return own.length > 0
    ? own
    : tasks
        .filter(task => task.kind === 'runtime')
        .flatMap(task =>
          Object.entries(task.outputs.parameters).map(([key, value]) => ({
            key: `${taskTitle(task)}.${key}`,
            value
          }))
        );
}
