/** The graph of a TrainJob (Trainer v1alpha1): its steps and their nodes, with the states of their pods. */
import type { GraphState, IGraphDocument, IGraphEdge, IGraphNode } from '../schema';
import { integer, type Json, list, object, text } from '../wire';

const LABELS = {
  step: 'jobset.sigs.k8s.io/replicatedjob-name',
  job: 'jobset.sigs.k8s.io/job-index',
  pod: 'batch.kubernetes.io/job-completion-index',
  ancestor: 'trainer.kubeflow.org/trainjob-ancestor-step'
};

/** What belongs to a TrainJob, as the Kubernetes API tells it. */
export interface ITrainJobParts {
  /** Its TrainingRuntime or ClusterTrainingRuntime, for what is not made yet. */
  runtime?: unknown;
  jobSet?: unknown;
  jobs?: readonly unknown[];
  pods?: readonly unknown[];
}

/** A replicated job of the JobSet or of the runtime's template. */
interface IStep {
  name: string;
  /** How many pods it has. */
  count: number;
  after: string[];
  initializer: boolean;
}

/**
 * The graph: one node for each step, and in steps of several pods one for each of these. Ids are `root.STEP` and `root.STEP.INDEX`, the same
 * before and during the training; `refs` are `{step, index?, podName?}`.
 */
export function graphFromTrainJob(trainJob: unknown, parts: ITrainJobParts = {}): IGraphDocument {
  const job = object(trainJob);
  const steps = stepsOf(job, parts);
  const names = new Set(steps.map(({ name }) => name));
  const resting = restOf(job);
  const jobs = byStep(parts.jobs ?? []);
  const pods = byStep(parts.pods ?? []);
  const nodes: IGraphNode[] = [];
  const edges: IGraphEdge[] = [];
  for (const step of steps) {
    const own = newest(pods.get(step.name) ?? []);
    const untold = stateOfJobs(jobs.get(step.name) ?? []) ?? resting;
    nodes.push(...nodesOf(step, own, untold));
    for (const before of step.after.filter(name => names.has(name))) {
      edges.push({
        id: `root.${before}->root.${step.name}`,
        from: `root.${before}`,
        to: `root.${step.name}`
      });
    }
  }
  const title = text(object(job['metadata'])['name']);
  return { version: 1, ...(title ? { title } : {}), nodes, edges };
}

/** The steps: those of the JobSet, else what Trainer will make of the runtime and the job. */
function stepsOf(job: Json, { jobSet, runtime }: ITrainJobParts): IStep[] {
  const made = list(object(object(jobSet)['spec'])['replicatedJobs']).map(object);
  if (made.length > 0) {
    return made.map(each => stepOf(each));
  }
  const spec = object(job['spec']);
  const ofRuntime = object(object(runtime)['spec']);
  const template = list(object(object(ofRuntime['template'])['spec'])['replicatedJobs']);
  const nodes =
    integer(object(spec['trainer'])['numNodes']) ??
    integer(object(ofRuntime['mlPolicy'])['numNodes']) ??
    1;
  const planned = template.map(object).map(each => {
    const step = stepOf(each);
    return ancestorOf(each) === 'trainer' ? { ...step, count: nodes } : step;
  });
  return planned.length > 0
    ? planned
    : [{ name: 'node', count: nodes, after: [], initializer: false }];
}

function stepOf(replicated: Json): IStep {
  const name = text(replicated['name']) ?? '';
  const spec = object(object(replicated['template'])['spec']);
  const pods = integer(spec['completions']) ?? integer(spec['parallelism']) ?? 1;
  return {
    name,
    count: Math.max(1, pods * (integer(replicated['replicas']) ?? 1)),
    after: list(replicated['dependsOn']).flatMap(each => text(object(each)['name']) ?? []),
    initializer: name.endsWith('-initializer') || /-initializer$/.test(ancestorOf(replicated))
  };
}

function ancestorOf(replicated: Json): string {
  const { labels } = object(object(replicated['template'])['metadata']);
  return text(object(labels)[LABELS.ancestor]) ?? '';
}

function nodesOf(step: IStep, pods: readonly Json[], untold: GraphState): IGraphNode[] {
  const id = `root.${step.name}`;
  const kind = step.initializer ? 'importer' : 'runtime';
  const label = step.name.replaceAll('-', ' ');
  if (step.count === 1) {
    return [{ id, kind, label, ...told(pods[0], untold), refs: refsOf(step, pods[0]) }];
  }
  const byIndex = new Map(pods.map(pod => [indexOf(pod), pod]));
  // Of a Job that has failed, the pods that ran on are removed.
  const blamed = pods.some(pod => stateOfPod(pod) === 'failed');
  const removed = untold === 'failed' && blamed ? 'cancelled' : untold;
  const children = Array.from({ length: step.count }, (_, index): IGraphNode => {
    const pod = byIndex.get(index);
    return {
      id: `${id}.${index}`,
      kind,
      label: `${label} ${index}`,
      parent: id,
      ...told(pod, removed),
      refs: { ...refsOf(step, pod), index: String(index) }
    };
  });
  const state = worst(children.map(child => child.state!));
  return [
    { id, kind: 'dag', label: `${label} ×${step.count}`, state, refs: { step: step.name } },
    ...children
  ];
}

function refsOf(step: IStep, pod: Json | undefined): Record<string, string> {
  const podName = text(object(pod?.['metadata'])['name']);
  return { step: step.name, ...(podName ? { podName } : {}) };
}

/** What a pod tells of its node: its state, times and why it is not well. */
function told(pod: Json | undefined, untold: GraphState): Partial<IGraphNode> {
  if (!pod) {
    return { state: untold };
  }
  const status = object(pod['status']);
  const states = list(status['containerStatuses']).map(each => object(object(each)['state']));
  const ended = states.map(each => object(each['terminated'])).filter(each => text(each['reason']));
  const starts = [
    ...states.map(each => text(object(each['running'])['startedAt'])),
    ...ended.map(each => text(each['startedAt']))
  ].filter(each => each !== undefined);
  const ends = ended.flatMap(each => text(each['finishedAt']) ?? []);
  const state = stateOfPod(pod);
  const detail = detailOf(status, ended);
  const isOver = state === 'succeeded' || state === 'failed';
  return {
    state,
    ...(starts.length > 0 ? { startTime: starts.sort()[0] } : {}),
    ...(isOver && ends.length > 0 ? { endTime: ends.sort().pop() } : {}),
    ...(detail ? { detail } : {})
  };
}

function stateOfPod(pod: Json): GraphState {
  const phase = text(object(pod['status'])['phase']);
  const leaving = text(object(pod['metadata'])['deletionTimestamp']);
  switch (phase) {
    case 'Succeeded':
      return 'succeeded';
    case 'Failed':
      return 'failed';
    case 'Running':
      return leaving ? 'cancelled' : 'running';
    default:
      return leaving ? 'cancelled' : 'pending';
  }
}

function detailOf(status: Json, ended: readonly Json[]): string | undefined {
  const failed = ended.find(each => integer(each['exitCode']) !== 0);
  if (failed) {
    const reason = text(failed['reason']);
    const code = integer(failed['exitCode']);
    return reason && reason !== 'Error' ? `${reason}, exit code ${code}` : `exit code ${code}`;
  }
  const waiting = list(status['containerStatuses'])
    .map(each => object(object(object(each)['state'])['waiting']))
    .find(each => text(each['reason']));
  const unscheduled = list(status['conditions'])
    .map(object)
    .find(each => each['type'] === 'PodScheduled' && each['status'] === 'False');
  return text(unscheduled?.['message']) ?? text(waiting?.['reason']);
}

/** What a step is of which there are no pods (any more), by its Jobs. */
function stateOfJobs(jobs: readonly Json[]): GraphState | undefined {
  const holds = (job: Json, type: string) =>
    list(object(job['status'])['conditions'])
      .map(object)
      .some(each => each['type'] === type && each['status'] === 'True');
  if (jobs.some(job => holds(job, 'Failed'))) {
    return 'failed';
  }
  if (jobs.length > 0 && jobs.every(job => holds(job, 'Complete'))) {
    return 'succeeded';
  }
  return jobs.some(job => holds(job, 'Suspended')) ? 'paused' : undefined;
}

/** What is not made yet, or not any more, is for. */
function restOf(job: Json): GraphState {
  const holding = new Set(
    list(object(job['status'])['conditions'])
      .map(object)
      .filter(each => each['status'] === 'True')
      .map(each => each['type'])
  );
  return holding.has('Complete')
    ? 'succeeded'
    : holding.has('Failed')
      ? 'cancelled'
      : holding.has('Suspended')
        ? 'paused'
        : 'pending';
}

const URGENCY: readonly GraphState[] = [
  'failed',
  'running',
  'pending',
  'paused',
  'cancelled',
  'succeeded'
];

function worst(states: readonly GraphState[]): GraphState {
  return URGENCY.find(state => states.includes(state)) ?? 'pending';
}

function byStep(objects: readonly unknown[]): Map<string, Json[]> {
  const found = new Map<string, Json[]>();
  for (const each of objects.map(object)) {
    const step = text(labelsOf(each)[LABELS.step]) ?? '';
    found.set(step, [...(found.get(step) ?? []), each]);
  }
  return found;
}

function labelsOf(each: Json): Json {
  const { labels, annotations } = object(each['metadata']);
  return { ...object(annotations), ...object(labels) };
}

/** The pod's place among those of its step. */
function indexOf(pod: Json): number {
  const labels = labelsOf(pod);
  return integer(labels[LABELS.pod]) ?? integer(labels[LABELS.job]) ?? 0;
}

/** For each place the pod that was made last: a Job makes another one where one has failed. */
function newest(pods: readonly Json[]): Json[] {
  const made = (pod: Json) => text(object(pod['metadata'])['creationTimestamp']) ?? '';
  const last = new Map<number, Json>();
  for (const pod of pods) {
    const known = last.get(indexOf(pod));
    if (!known || made(pod) >= made(known)) {
      last.set(indexOf(pod), pod);
    }
  }
  return [...last.values()];
}
