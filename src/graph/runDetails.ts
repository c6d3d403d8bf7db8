/** Task state as KFP 2 tells it: `run_details.task_details`, one entry a task or a node of the Argo workflow. */
import { isLoop, readSpec, tasksOf } from './adapters/ir';
import type { ISpec, ISpecTask } from './adapters/ir';
import { taskKind } from './adapters/kinds';
import type { GraphState } from './schema';
import type { ITask, ITaskArtifact } from './tasks';
import { list, object, text, time } from './wire';
import type { Json } from './wire';

const STATES: Record<string, GraphState> = {
  PENDING: 'pending',
  RUNNING: 'running',
  CANCELING: 'running',
  SUCCEEDED: 'succeeded',
  SKIPPED: 'skipped',
  FAILED: 'failed',
  CANCELED: 'cancelled',
  PAUSED: 'paused'
};

/** `for-loop-1 3`, `iteration-3`, `for-loop-1(3)`, `iteration-item(3:x)`; not the loop's own `for-loop-1`. */
const ITERATION = /^(?:.*[^\s(-])(?:\s+|\(|(?<=^iteration)-)(\d+)(?::[^)]*)?\)?$/;
const DRIVER = /-driver$/;
/** Nodes that the Argo compiler puts between a loop and its iterations. */
const WRAPPER = /^iteration-(item|iterator)$/;

/** Where in the run, and in the spec if there is one, an entry stands. */
interface IPlace {
  path: string;
  task?: ITask;
  specTask?: ISpecTask;
  /** Whose dag the tasks below belong to. */
  component?: Json;
  above?: IPlace;
  /** Whether what is directly below is an iteration. */
  loop: boolean;
}

/**
 * The tasks of a run that has no native tasks. `run` is a `v2beta1Run`. Entries have no scope path: a task's place comes from
 * `parent_task_id`, else from `child_tasks`, together with the pipeline spec where the run has it. Pods of drivers and executors
 * become pods of their task.
 */
export function tasksFromRunDetails(run: unknown): ITask[] {
  return new DetailReader(object(run)).read();
}

class DetailReader {
  constructor(run: Json) {
    this._entries = list(object(run.run_details).task_details)
      .map(object)
      .filter(entry => text(entry.task_id) !== undefined);
    for (const entry of this._entries) {
      this._byId.set(text(entry.task_id)!, entry);
    }
    const byPod = new Map(this._entries.map(entry => [text(entry.pod_name) ?? '', entry]));
    for (const entry of this._entries) {
      for (const child of list(entry.child_tasks).map(object)) {
        const found =
          this._byId.get(text(child.task_id) ?? '') ?? byPod.get(text(child.pod_name) || '-');
        if (found && !this._referrers.has(found)) {
          this._referrers.set(found, entry);
        }
      }
    }
    try {
      this._spec = readSpec(run.pipeline_spec);
      this._root.component = this._spec.root;
    } catch {
      // Without a spec the names alone tell the places.
    }
  }

  read(): ITask[] {
    this._entries.forEach(entry => this._place(entry));
    for (const [path, pod] of this._drivers) {
      this._byPath.get(path)?.pods.unshift({ name: pod, type: 'driver' });
    }
    return this._tasks;
  }

  private _place(entry: Json): IPlace {
    const known = this._places.get(entry);
    if (known) {
      return known;
    }
    // Ends a chain of parents that bites its tail.
    this._places.set(entry, this._root);
    const parent = this._byId.get(text(entry.parent_task_id) ?? '') ?? this._referrers.get(entry);
    const place = this._find(entry, parent ? this._place(parent) : undefined);
    this._places.set(entry, place);
    return place;
  }

  private _find(entry: Json, above: IPlace | undefined): IPlace {
    const name = text(entry.display_name) ?? text(entry.task_id)!;
    const parent = above ?? this._root;
    if (name === 'root') {
      this._root.task ??= this._add(entry, this._root, 'root', 'root');
      return this._root;
    }
    if (name === 'executor') {
      this._executor(entry, parent);
      return parent;
    }
    if (WRAPPER.test(name)) {
      return parent;
    }
    if (DRIVER.test(name)) {
      const { home, specTask } = this._lookUp(name.replace(DRIVER, ''), parent);
      const pod = text(entry.pod_name);
      if (pod) {
        const task = specTask?.name ?? name.replace(DRIVER, '');
        this._drivers.set(task === 'root' ? 'root' : `${home.path}.${task}`, pod);
      }
      return home;
    }
    const iteration = parent.loop ? ITERATION.exec(name) : null;
    return iteration
      ? this._iteration(entry, parent, Number(iteration[1]))
      : this._member(entry, name, parent, above === undefined);
  }

  private _iteration(entry: Json, parent: IPlace, index: number): IPlace {
    const place: IPlace = {
      ...parent,
      path: `${parent.path}.${index}`,
      above: parent,
      loop: false,
      task: undefined
    };
    place.task = this._add(entry, place, parent.specTask?.name ?? 'iteration', 'dag');
    place.task.iteration = index;
    return place;
  }

  /** A task in the innermost dag around `parent` that has one of that name. */
  private _member(entry: Json, name: string, parent: IPlace, top: boolean): IPlace {
    const { home, specTask } = this._lookUp(name, parent);
    if (top && !specTask && list(entry.child_tasks).length > 0) {
      // The workflow itself.
      return this._root;
    }
    const key = specTask?.name ?? name;
    const place: IPlace = {
      path: `${home.path}.${key}`,
      specTask,
      component: specTask?.component,
      above: home,
      loop: specTask ? isLoop(specTask) : /^for-loop-\d+$/.test(name)
    };
    const kind = this._spec && specTask ? taskKind(this._spec, specTask) : 'runtime';
    place.task = this._add(entry, place, key, specTask || !place.loop ? kind : 'loop');
    return place;
  }

  /** An executor that was skipped though its task succeeded: the task came from the cache. */
  private _executor(entry: Json, parent: IPlace): void {
    const task = parent.task;
    if (!task) {
      return;
    }
    task.pods = task.pods.filter(known => known.type === 'driver');
    if (entry.state === 'SKIPPED') {
      task.state = task.state === 'succeeded' ? 'cached' : task.state;
      return;
    }
    const pod = text(entry.pod_name);
    if (pod) {
      task.pods.push({ name: pod, type: 'executor' });
    }
    task.message ??= text(object(entry.error).message);
  }

  private _lookUp(name: string, from: IPlace): { home: IPlace; specTask?: ISpecTask } {
    for (let place: IPlace | undefined = from; this._spec && place; place = place.above) {
      const tasks = place.loop ? [] : tasksOf(this._spec, place.component);
      const specTask =
        tasks.find(task => task.name === name) ?? tasks.find(task => task.displayName === name);
      if (specTask) {
        return { home: place, specTask };
      }
    }
    return { home: from };
  }

  private _add(entry: Json, place: IPlace, name: string, kind: ITask['kind']): ITask {
    const pod = text(entry.pod_name);
    const task: ITask = {
      id: text(entry.task_id)!,
      name,
      displayName: text(entry.display_name) ?? name,
      scopePath: place.path,
      kind,
      state: STATES[text(entry.state) ?? ''] ?? 'pending',
      parentId: place.above?.task?.id ?? (place === this._root ? undefined : this._root.task?.id),
      createTime: time(entry.create_time),
      startTime: time(entry.start_time),
      endTime: time(entry.end_time),
      message: text(object(entry.error).message),
      pods:
        pod && (kind === 'runtime' || kind === 'importer') ? [{ name: pod, type: 'executor' }] : [],
      inputs: { parameters: {}, artifacts: artifacts(entry.inputs) },
      outputs: { parameters: {}, artifacts: artifacts(entry.outputs) }
    };
    this._byPath.set(place.path, task);
    this._tasks.push(task);
    return task;
  }

  private readonly _entries: Json[];
  private readonly _byId = new Map<string, Json>();
  private readonly _referrers = new Map<Json, Json>();
  private readonly _places = new Map<Json, IPlace>();
  private readonly _drivers = new Map<string, string>();
  private readonly _byPath = new Map<string, ITask>();
  private readonly _tasks: ITask[] = [];
  private readonly _root: IPlace = { path: 'root', loop: false };
  private readonly _spec?: ISpec;
}

/** KFP 2 names artifacts by id only. */
function artifacts(value: unknown): ITaskArtifact[] {
  return Object.entries(object(value)).flatMap(([key, ids]) =>
    list(object(ids).artifact_ids).map(id => ({
      key,
      artifactId: String(id),
      name: key,
      type: 'Artifact',
      metadata: {}
    }))
  );
}
