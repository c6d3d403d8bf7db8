/** What an artifact is and what can be done with it. Pure functions. */
import type { IRun } from '../client/pipelines';
import type { ITask, ITaskArtifact } from '../graph/tasks';
import type { IParameter } from '../ui/form';
import type { IKeyValue } from '../ui/keyValue';
import type { IRegisterSeed } from '../ui/registering';
import { pipelineSpecOf } from './progress';

/** How an artifact is shown. */
export type ArtifactView = 'notebook' | 'html' | 'markdown' | 'metrics' | 'file';

/** The name that the producer gave it, else its key in the component. */
export function artifactLabel(artifact: ITaskArtifact): string {
  const given = artifact.metadata['display_name'];
  return typeof given === 'string' && given ? given : artifact.key || artifact.name;
}

/** How an artifact is shown, after its type and name. */
export function artifactView(artifact: ITaskArtifact): ArtifactView {
  const type = artifact.type.replace(/^system\./, '').toLowerCase();
  const names = [artifactLabel(artifact), artifact.uri ?? ''];
  if (names.some(name => name.toLowerCase().endsWith('.ipynb'))) {
    return 'notebook';
  }
  if (type === 'html' || type === 'markdown') {
    return type;
  }
  return type === 'metrics' || type === 'metric' ? 'metrics' : 'file';
}

/** Whether an artifact is a model, by its type (`system.Model`, in KFP 3 `Model`). */
export function isModel({ type }: ITaskArtifact): boolean {
  return /^(system\.)?model$/i.test(type);
}

/** What is known of a run's model when it is to be registered: where it is, what made it, and what its producer tells of it. */
export function modelSeed(
  run: Pick<IRun, 'id' | 'name'>,
  artifact: ITaskArtifact,
  namespace?: string
): IRegisterSeed {
  const texts = metricRows(artifact).map(({ key, value }) => [key, String(value)]);
  return {
    uri: artifact.uri,
    source: { kind: 'run', id: run.id, name: run.name, ...(namespace && { namespace }) },
    properties: Object.fromEntries(texts)
  };
}

/** The numbers, texts and flags that an artifact's metadata holds, as lines of a table. */
export function metricRows(artifact: ITaskArtifact): IKeyValue[] {
  return parameterRows(artifact.metadata).filter(
    ({ key, value }) =>
      key !== 'display_name' && ['number', 'string', 'boolean'].includes(typeof value)
  );
}

/** Names and values as lines of a table. */
export function parameterRows(parameters: Record<string, unknown>): IKeyValue[] {
  return Object.entries(parameters).map(([key, value]) => ({ key, value }));
}

/** An artifact together with the task that wrote it. */
export interface ITaskOutput {
  task: ITask;
  artifact: ITaskArtifact;
}

/** Every artifact that the run's tasks wrote, each once: what a group hands on is its task's. */
export function runOutputs(tasks: readonly ITask[]): ITaskOutput[] {
  const seen = new Set<string>();
  const order = [...tasks].sort((a, b) => b.scopePath.length - a.scopePath.length);
  const found = order.flatMap(task =>
    task.outputs.artifacts.flatMap(artifact => {
      const id = artifact.artifactId ?? artifact.uri ?? `${task.id}/${artifact.key}`;
      const known = seen.has(id);
      seen.add(id);
      return known ? [] : [{ task, artifact }];
    })
  );
  const place = new Map(tasks.map((task, index) => [task, index]));
  return found.sort((a, b) => place.get(a.task)! - place.get(b.task)!);
}

/** The run's first executed notebook. */
export function executedNotebook(tasks: readonly ITask[]): ITaskOutput | undefined {
  return runOutputs(tasks).find(({ artifact }) => artifactView(artifact) === 'notebook');
}

/** Name of the drive that shows runs' notebooks. */
export const RUNS_DRIVE = 'KubeflowRuns';

/** The path under which JupyterLab opens a notebook that a run has written: `KubeflowRuns:RUN/TASK/KEY/NAME.ipynb`. */
export function notebookPath(runId: string, { task, artifact }: ITaskOutput): string {
  const name = artifactLabel(artifact).replace(/[/\\:]/g, '-');
  const file = name.toLowerCase().endsWith('.ipynb') ? name : `${name}.ipynb`;
  return `${RUNS_DRIVE}:${[runId, task.id, artifact.key].map(encodeURIComponent).join('/')}/${file}`;
}

/**
 * The parameters that a PipelineSpec asks for (`root.inputDefinitions.parameters`).
 * @param values - taken for the defaults where they are given, for example those of an earlier run
 */
export function specParameters(
  spec: Record<string, unknown> | undefined,
  values: Record<string, unknown> = {}
): IParameter[] {
  const root = pipelineSpecOf(spec)['root'] as
    { inputDefinitions?: { parameters?: Record<string, Record<string, unknown>> } } | undefined;
  return Object.entries(root?.inputDefinitions?.parameters ?? {}).map(([name, definition]) => {
    const fallback = name in values ? values[name] : definition['defaultValue'];
    return {
      name,
      type: (definition['parameterType'] ?? 'STRING') as IParameter['type'],
      default: fallback,
      required: fallback === undefined && definition['isOptional'] !== true,
      description:
        typeof definition['description'] === 'string' ? definition['description'] : undefined
    };
  });
}
