/** What a training asks for, step by step. Pure. */
import type { V1Container, V1PodSpec, V1ResourceRequirements } from '@kubernetes/client-node';

import type { ITrainJob } from '../client/kubernetes/kinds';
import type { Wire } from '../client/kubernetes/object';
import { amountOf } from '../client/kubernetes/quantity';
import { isNodeStep, nodesWanted, placeOf } from './nodes';
import type { IJobParts } from './parts';

/** What each container of a step asks for. */
export interface IAsked {
  step: string;
  container: string;
  /** How many pods of the step there are, or will be. */
  count: number;
  /** By resource, as in the API: `cpu` → `500m`. */
  requests: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
}

/** What the pods ask for; before there are any, what the JobSet says, else the runtime with the job's own values. */
export function askedResources(
  job: ITrainJob,
  { pods, jobSet, runtime }: Pick<IJobParts, 'pods' | 'jobSet' | 'runtime'>
): IAsked[] {
  const templates =
    jobSet?.spec.replicatedJobs ?? runtime?.spec.template?.spec?.replicatedJobs ?? [];
  const nodes = nodesWanted(job, runtime) ?? 1;
  const found: IAsked[] = [];
  for (const { name, replicas = 1, template } of templates) {
    const own = pods.filter(pod => placeOf(pod).step === name);
    const spec = (own[0]?.spec ?? template.spec?.template?.spec) as Wire<V1PodSpec> | undefined;
    const planned = jobSet
      ? replicas * (template.spec?.completions ?? template.spec?.parallelism ?? 1)
      : isNodeStep(name)
        ? nodes
        : replicas;
    for (const container of spec?.containers ?? []) {
      const given =
        !jobSet && isNodeStep(name) && container.name === 'node'
          ? { ...container.resources, ...job.spec.trainer?.resourcesPerNode }
          : container.resources;
      found.push(asked(name, container, Math.max(planned, own.length), given));
    }
  }
  return found;
}

function asked(
  step: string,
  container: Wire<V1Container>,
  count: number,
  resources: Wire<V1ResourceRequirements> | undefined
): IAsked {
  const limits = (resources?.limits ?? {}) as Record<string, string>;
  // What has a limit only asks for as much.
  const requests = { ...limits, ...(resources?.requests as Record<string, string> | undefined) };
  return { step, container: container.name, count, requests, limits };
}

/** The names of all resources that are asked for, CPU and memory first. */
export function resourceNames(rows: readonly IAsked[]): string[] {
  const names = new Set(['cpu', 'memory']);
  rows.forEach(row => Object.keys(row.requests).forEach(name => names.add(name)));
  return [...names];
}

/** How much of a resource all pods of these rows ask for together; `undefined` when none does. */
export function totalOf(rows: readonly IAsked[], name: string): number | undefined {
  const amounts = rows.flatMap(({ requests, count }) => {
    const amount = amountOf(requests[name]);
    return amount === undefined ? [] : [amount * count];
  });
  return amounts.length > 0 ? amounts.reduce((sum, each) => sum + each, 0) : undefined;
}
