/** The files of a persistent volume, as a short pod tells them: no API of Kubernetes lists what a volume holds. Pure. */
import type { ITrainJob, Job } from '../client/kubernetes/kinds';
import type { ICheckpointVolume } from './checkpoints';
import { placeOf } from './nodes';
import type { IJobParts } from './parts';

/** A file of a volume. */
export interface IFile {
  /** Relative to the path at which the volume is mounted. */
  path: string;
  /** In bytes. */
  size: number;
  /** When it was written last, in milliseconds since the epoch. */
  modified: number;
}

/** The files of a volume, newest first. */
export interface IFiles {
  files: readonly IFile[];
  /** How many more there are that are not listed. */
  more: number;
}

/** How many files are listed. */
const MOST = 1000;
/** Seconds after which Kubernetes ends the Job, whatever it waits for by then. */
const DEADLINE = 300;

/** Prints a line of JSON for each of the files that were written last, `[path, bytes, seconds]`, and how many more there are. */
const CODE = `
import heapq, json, os, sys
root, most, count = sys.argv[1], int(sys.argv[2]), 0
def found():
    global count
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            try:
                told = os.stat(path)
            except OSError:
                continue
            count += 1
            yield told.st_mtime, os.path.relpath(path, root), told.st_size
for seconds, path, size in heapq.nlargest(most, found()):
    print(json.dumps([path, size, seconds]))
print(json.dumps({"more": max(0, count - most)}))
`;

/**
 * The Job of one pod that lists a volume's files: with the image, the rights and, while a node has the volume, the machine of the training, and
 * no right to write. It belongs to the TrainJob, so it goes with it at the latest. `undefined` where the image is not known.
 */
export function listingJob(
  job: ITrainJob,
  volume: ICheckpointVolume,
  { pods, jobSet, runtime }: Pick<IJobParts, 'pods' | 'jobSet' | 'runtime'>
): Job | undefined {
  const { name = '', namespace, uid = '' } = job.metadata ?? {};
  const own = pods.find(pod => placeOf(pod).step === volume.step);
  const template = (
    jobSet?.spec.replicatedJobs ?? runtime?.spec.template?.spec?.replicatedJobs
  )?.find(each => each.name === volume.step)?.template.spec?.template?.spec;
  const spec = own?.spec ?? template;
  const container = spec?.containers.find(each => each.name === volume.container);
  const image = container?.image;
  if (!spec || !image) {
    return undefined;
  }
  const running = own?.status?.phase === 'Running' ? own.spec?.nodeName : undefined;
  const list = {
    name: 'list',
    image,
    command: ['python', '-c', CODE, volume.mountPath, String(MOST)],
    resources: {
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { cpu: '500m', memory: '128Mi' }
    },
    ...(container.securityContext && { securityContext: container.securityContext }),
    volumeMounts: [
      {
        name: 'files',
        mountPath: volume.mountPath,
        ...(volume.subPath && { subPath: volume.subPath }),
        readOnly: true
      }
    ]
  };
  return {
    metadata: {
      generateName: `${name.slice(0, 45)}-files-`,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'jupyterlab-kubeflow' },
      ownerReferences: [
        { apiVersion: 'trainer.kubeflow.org/v1alpha1', kind: 'TrainJob', name, uid }
      ]
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: DEADLINE,
      ttlSecondsAfterFinished: DEADLINE,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          ...(running && { nodeName: running }),
          ...(spec.securityContext && { securityContext: spec.securityContext }),
          ...(spec.imagePullSecrets && { imagePullSecrets: spec.imagePullSecrets }),
          ...(spec.tolerations && { tolerations: spec.tolerations }),
          containers: [list],
          volumes: [{ name: 'files', persistentVolumeClaim: { claimName: volume.claim } }]
        }
      }
    }
  } as unknown as Job;
}

/** What the pod has printed. */
export function readFiles(log: string): IFiles {
  const files: IFile[] = [];
  let more = 0;
  for (const line of log.split('\n')) {
    const told = parse(line);
    if (Array.isArray(told)) {
      const [path, size, seconds] = told as [string, number, number];
      files.push({ path, size, modified: seconds * 1000 });
    } else if (told) {
      more = Number((told as { more?: number }).more) || 0;
    }
  }
  files.sort((one, other) => other.modified - one.modified || (one.path < other.path ? -1 : 1));
  return { files, more };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
