/** Reads KFP's PipelineSpec (`api/v2alpha1/pipeline_spec.proto` of kubeflow/pipelines), as far as a graph shows it. */
import { field, list, object, text } from '../wire';
import type { Json } from '../wire';

/** A spec that is not a KFP v2 pipeline. The message says what is missing and what to do. */
export class SpecError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SpecError';
  }
}

/** A task's place in its component. */
export interface ISpecTask {
  /** The task's key in the dag. */
  name: string;
  displayName: string;
  raw: Json;
  component?: Json;
}

/** A pipeline spec that can be read. */
export interface ISpec {
  name: string;
  displayName?: string;
  root: Json;
  components: Json;
  executors: Json;
}

/**
 * Finds the PipelineSpec in what callers have: the spec itself, the list of documents of a compiled file (spec, then platform spec), or
 * KFP's wrapper `{pipeline_spec, platform_spec}`.
 * @throws SpecError
 */
export function readSpec(value: unknown): ISpec {
  const document = Array.isArray(value) ? value[0] : value;
  if (document === null || typeof document !== 'object') {
    throw new SpecError('This is not a pipeline: a compiled pipeline is a YAML or JSON mapping.');
  }
  const raw = object(document);
  const wrapped = field(raw, 'pipelineSpec');
  if (wrapped !== undefined && raw.root === undefined) {
    return readSpec(wrapped);
  }
  if (raw.root === undefined) {
    const argo = raw.kind === 'Workflow' || raw.apiVersion === 'argoproj.io/v1alpha1';
    throw new SpecError(
      argo
        ? 'This is an Argo workflow made with KFP 1. Compile the pipeline with KFP 2.'
        : 'The pipeline has no "root". Compile it with KFP 2: compiler.Compiler().compile(…).'
    );
  }
  const info = object(field(raw, 'pipelineInfo'));
  const root = object(raw.root);
  if (Object.keys(object(object(root.dag).tasks)).length === 0) {
    throw new SpecError('The pipeline has no tasks: "root.dag.tasks" is empty.');
  }
  return {
    name: text(info.name) ?? 'pipeline',
    displayName: text(field(info, 'displayName')),
    root,
    components: object(raw.components),
    executors: object(object(field(raw, 'deploymentSpec')).executors)
  };
}

/** The tasks of a dag component by name; none for other components. */
export function tasksOf(spec: ISpec, component: Json | undefined): ISpecTask[] {
  return Object.entries(object(object(component?.dag).tasks))
    .map(([name, value]) => {
      const raw = object(value);
      const component = text(object(field(raw, 'componentRef')).name);
      return {
        name,
        displayName: text(object(field(raw, 'taskInfo')).name) ?? name,
        raw,
        component:
          component !== undefined && spec.components[component] !== undefined
            ? object(spec.components[component])
            : undefined
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Whether a task runs its component once for each item. */
export function isLoop(task: ISpecTask): boolean {
  return (
    field(task.raw, 'parameterIterator') !== undefined ||
    field(task.raw, 'artifactIterator') !== undefined
  );
}

/** The trigger condition (CEL) of a task, if it has one. */
export function conditionOf(task: ISpecTask): string | undefined {
  return text(object(field(task.raw, 'triggerPolicy')).condition);
}

/** Names of the tasks that a task names as to be run before it, in `dependentTasks`. */
export function dependenciesOf(task: ISpecTask): string[] {
  return list(field(task.raw, 'dependentTasks')).filter(
    (name): name is string => typeof name === 'string'
  );
}
