/** Where a TrainJob can keep checkpoints: the persistent volumes that its own patches or its runtime mount. Pure. */
import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';

import type {
  IClusterTrainingRuntime,
  ITrainingRuntime,
  ITrainJob
} from '../client/kubernetes/kinds';
import type { Wire } from '../client/kubernetes/object';

/** A persistent volume in a container. */
export interface ICheckpointVolume {
  /** The PersistentVolumeClaim. */
  claim: string;
  /** The volume's name in the pod. */
  volume: string;
  /** Which nodes have it: the replicated job and the container. */
  step: string;
  container: string;
  mountPath: string;
  subPath?: string;
  readOnly: boolean;
  /** Whether the job itself asks for it, rather than its runtime. */
  own: boolean;
}

/** A variable of the training's containers that points into a volume. */
export interface ICheckpointVariable {
  /** Empty for an argument. */
  name: string;
  value: string;
  /** Where an argument stands, from 1. */
  at?: { of: 'command' | 'args'; place: number };
}

interface IPodPart {
  volumes?: Wire<V1Volume>[];
  containers?: { name: string; volumeMounts?: Wire<V1VolumeMount>[] }[];
}

interface IStep {
  name: string;
  template?: { spec?: { template?: { spec?: unknown } } };
}

/** The persistent volumes of the job's steps: those of its patches, then those of its runtime that no patch replaces. */
export function checkpointVolumes(
  job: ITrainJob,
  runtime?: IClusterTrainingRuntime | ITrainingRuntime
): ICheckpointVolume[] {
  const patches = patchedSteps(job);
  const found = new Map<string, ICheckpointVolume>();
  const steps: readonly IStep[] = runtime?.spec.template?.spec?.replicatedJobs ?? [];
  const base = new Map(steps.map(each => [each.name, podOf(each)]));
  for (const [own, parts] of [
    [false, steps],
    [true, patches]
  ] as const) {
    for (const each of parts) {
      const pod = podOf(each);
      const volumes = [...(base.get(each.name)?.volumes ?? []), ...(pod.volumes ?? [])];
      for (const container of pod.containers ?? []) {
        for (const mount of container.volumeMounts ?? []) {
          const volume = volumes.filter(one => one.name === mount.name).pop();
          const claim = volume?.persistentVolumeClaim;
          if (claim) {
            found.set([each.name, container.name, mount.mountPath].join('\n'), {
              claim: claim.claimName,
              volume: mount.name,
              step: each.name,
              container: container.name,
              mountPath: mount.mountPath,
              ...(mount.subPath && { subPath: mount.subPath }),
              readOnly: mount.readOnly ?? claim.readOnly ?? false,
              own
            });
          }
        }
      }
    }
  }
  return [...found.values()];
}

/** The steps that a job changes, also in the words of Trainer before 2.2 (`podTemplateOverrides`). */
function patchedSteps({ spec }: ITrainJob): IStep[] {
  const { podTemplateOverrides = [] } = spec as {
    podTemplateOverrides?: { targetJobs?: { name: string }[]; spec?: IPodPart }[];
  };
  return [
    ...(spec.runtimePatches ?? []).flatMap(
      each => each.trainingRuntimeSpec?.template?.spec?.replicatedJobs ?? []
    ),
    ...podTemplateOverrides.flatMap(({ targetJobs = [], spec: pod }) =>
      targetJobs.map(({ name }) => ({ name, template: { spec: { template: { spec: pod } } } }))
    )
  ];
}

function podOf(step: IStep): IPodPart {
  return (step.template?.spec?.template?.spec ?? {}) as IPodPart;
}

/** The variables and arguments of the training that name a path in one of these volumes. */
export function checkpointVariables(
  job: ITrainJob,
  volumes: readonly ICheckpointVolume[]
): ICheckpointVariable[] {
  const { env = [], args = [], command = [] } = job.spec.trainer ?? {};
  const within = (text: string) =>
    volumes.some(({ mountPath }) => {
      const path = mountPath.replace(/\/+$/, '');
      return text === path || text.includes(`${path}/`) || text.endsWith(path);
    });
  return [
    ...env.flatMap(({ name, value }) => (value && within(value) ? [{ name, value }] : [])),
    ...[
      { of: 'command' as const, texts: command },
      { of: 'args' as const, texts: args }
    ]
      .flatMap(({ of, texts }) =>
        texts.map((value, index) => ({ name: '', value, at: { of, place: index + 1 } }))
      )
      .filter(({ value }) => !value.includes('\n') && within(value))
  ];
}

/** The volumes by claim and path, so that what several steps share is one. */
export function mountedTogether(volumes: readonly ICheckpointVolume[]): ICheckpointVolume[][] {
  const found = new Map<string, ICheckpointVolume[]>();
  for (const each of volumes) {
    const key = [each.claim, each.subPath ?? '', each.mountPath].join('\n');
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return [...found.values()];
}
