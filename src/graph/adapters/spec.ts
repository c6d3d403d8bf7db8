/** The graph of a compiled pipeline. */
import type { IGraphDocument, IGraphEdge, IGraphNode } from '../schema';
import { field, list, object, text } from '../wire';
import type { Json } from '../wire';
import { branchCondition, readableCondition, withoutPrefix } from './expression';
import type { Names } from './expression';
import { conditionOf, dependenciesOf, readSpec, tasksOf } from './ir';
import type { ISpec, ISpecTask } from './ir';
import { labelOf, taskKind } from './kinds';

/**
 * The graph of a PipelineSpec (`api/v2alpha1/pipeline_spec.proto`), of the documents of a compiled file, or of KFP's
 * `{pipeline_spec, platform_spec}`. A dag is a group; edges join nodes of one group, since a dependency across its border is one of the
 * group. The same spec always gives the same document, nodes in order of execution.
 * @throws SpecError when it is not a KFP v2 pipeline
 */
export function graphFromSpec(value: unknown): IGraphDocument {
  const spec = readSpec(value);
  const reader = new SpecReader(spec);
  reader.dag(spec.root, 'root', undefined, new Map(), []);
  return {
    version: 1,
    title: spec.displayName ?? spec.name,
    nodes: reader.nodes,
    edges: reader.edges
  };
}

class SpecReader {
  constructor(private readonly _spec: ISpec) {}

  readonly nodes: IGraphNode[] = [];
  readonly edges: IGraphEdge[] = [];

  /** Adds what a dag holds. `within` are the components around it: one that holds itself is not opened again. */
  dag(
    component: Json,
    path: string,
    parent: string | undefined,
    names: Names,
    within: readonly Json[]
  ): void {
    const tasks = inOrder(tasksOf(this._spec, component));
    const known = new Set(tasks.map(task => task.name));
    const conditions = conditionsOf(tasks);
    const branches = parent !== undefined && /\.condition-branches-\d+$/.test(path);
    for (const task of tasks) {
      const id = `${path}.${task.name}`;
      const kind = taskKind(this._spec, task);
      const node: IGraphNode = { id, kind, label: labelOf(kind, task.displayName) };
      if (parent !== undefined) {
        node.parent = parent;
      }
      const inputs = namesOf(task, names);
      const condition = conditionOf(task);
      if (condition !== undefined) {
        node.detail = branches
          ? branchCondition(condition, conditions.slice(0, conditions.indexOf(condition)), inputs)
          : readableCondition(condition, inputs);
      } else if (node.kind === 'loop') {
        node.detail = loopDetail(task, inputs);
      }
      this.nodes.push(node);
      for (const from of sourcesOf(task)) {
        if (known.has(from) && from !== task.name) {
          const source = `${path}.${from}`;
          this.edges.push({ id: `${source}->${id}`, from: source, to: id });
        }
      }
      if (task.component?.dag !== undefined && !within.includes(task.component)) {
        this.dag(task.component, id, id, inputs, [...within, task.component]);
      }
    }
  }
}

/** Names of the tasks that a task needs, each once, sorted. */
function sourcesOf(task: ISpecTask): string[] {
  const names = new Set(dependenciesOf(task));
  for (const input of inputsOf(task)) {
    const name = text(input.source.producerTask ?? input.source.producer_task);
    if (name !== undefined) {
      names.add(name);
    }
  }
  return [...names].sort(compare);
}

interface IInput {
  key: string;
  raw: Json;
  /** `{producerTask, outputParameterKey}` or the like, empty for others. */
  source: Json;
}

function inputsOf(task: ISpecTask): IInput[] {
  const inputs = object(task.raw.inputs);
  return ['parameters', 'artifacts'].flatMap(kind =>
    Object.entries(object(inputs[kind])).map(([key, value]) => {
      const raw = object(value);
      const source = object(field(raw, 'taskOutputParameter') ?? field(raw, 'taskOutputArtifact'));
      return { key, raw, source };
    })
  );
}

/** What each input of a task's component stands for, in words. */
function namesOf(task: ISpecTask, outer: Names): Names {
  const names = new Map<string, string>();
  for (const { key, raw, source } of inputsOf(task)) {
    const producer = text(field(source, 'producerTask'));
    const output = text(field(source, 'outputParameterKey') ?? field(source, 'outputArtifactKey'));
    const above = text(
      field(raw, 'componentInputParameter') ?? field(raw, 'componentInputArtifact')
    );
    if (producer !== undefined) {
      names.set(
        key,
        output === undefined || output === 'Output' ? producer : `${producer}.${output}`
      );
    } else if (above !== undefined) {
      names.set(key, outer.get(above) ?? withoutPrefix(above));
    }
  }
  const item = text(field(iteratorOf(task), 'itemInput'));
  if (item !== undefined) {
    names.set(item, 'item');
  }
  return names;
}

function iteratorOf(task: ISpecTask): Json {
  return object(field(task.raw, 'parameterIterator') ?? field(task.raw, 'artifactIterator'));
}

function loopDetail(task: ISpecTask, names: Names): string {
  const items = object(iteratorOf(task).items);
  const input = text(field(items, 'inputParameter') ?? field(items, 'inputArtifact'));
  if (input !== undefined) {
    return `each item of ${names.get(input) ?? withoutPrefix(input)}`;
  }
  try {
    const count = list(JSON.parse(text(items.raw) ?? '')).length;
    return count === 1 ? '1 item' : `${count} items`;
  } catch {
    return 'each item';
  }
}

function conditionsOf(tasks: readonly ISpecTask[]): string[] {
  return [...tasks]
    .sort((a, b) => index(a.name) - index(b.name))
    .map(conditionOf)
    .filter((condition): condition is string => condition !== undefined);
}

function index(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0);
}

/** In order of execution, by name where either may come first. What is in a circle comes last. */
function inOrder(tasks: readonly ISpecTask[]): ISpecTask[] {
  const left = [...tasks].sort(
    (a, b) =>
      compare(stem(a.name), stem(b.name)) ||
      index(a.name) - index(b.name) ||
      compare(a.name, b.name)
  );
  const known = new Set(left.map(task => task.name));
  const done = new Set<string>();
  const ordered: ISpecTask[] = [];
  while (left.length > 0) {
    const at = left.findIndex(task =>
      sourcesOf(task).every(name => done.has(name) || !known.has(name))
    );
    const [next] = left.splice(Math.max(0, at), 1);
    ordered.push(next!);
    done.add(next!.name);
  }
  return ordered;
}

/** The name without its number: `train-10` comes after `train-9`. */
function stem(name: string): string {
  return name.replace(/-\d+$/, '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
