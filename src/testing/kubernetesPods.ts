/** Pods with logs for the contract specs: on Local Kubeflow the spec writes the log, on a real control plane KWOK serves a file as the log. */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import * as path from 'node:path';

import { pods } from '../client/kubernetes';
import type { KubernetesClient, Pod } from '../client/kubernetes';
import { until } from './contract';
import { cluster, localHome } from './kubernetes';

/** What the pod of `talkingPod` has written, line by line, and what its container wrote before it was started anew. */
export const LINES = [1, 2, 3].map(epoch => `epoch ${epoch} of 3: loss 0.${10 - epoch}`);
export const BEFORE = 'no data';

/** A running pod with two containers, `live` and `other`. */
export interface ITalkingPod {
  namespace: string;
  name: string;
  /** Writes one more line to the log of `live`. */
  say(line: string): Promise<void>;
}

/** A pod, `overrides` being fields of its spec. */
export function podOf(containers: string[], overrides: Partial<Pod['spec']> = {}): Pod {
  return {
    metadata: { name: `pod-${randomUUID().slice(0, 8)}` },
    spec: { containers: containers.map(name => ({ name, image: 'busybox:1' })), ...overrides }
  };
}

/** Makes a pod that has written `LINES`, after a first run that ended with `BEFORE`. */
export async function talkingPod(
  client: KubernetesClient,
  namespace: string
): Promise<ITalkingPod> {
  const resource = client.resource(pods);
  // On Local Kubeflow nothing runs it: what it says is written here.
  const pod = podOf(['live', 'other'], cluster ? {} : { schedulerName: 'nobody' });
  const made = await resource.create({ ...pod, metadata: { ...pod.metadata, namespace } });
  const { name = '', uid = '' } = made.metadata ?? {};
  const write = (file: string, time: Date, text: string) =>
    appendFile(file, `${time.toISOString().replace('Z', '000000Z')} stdout F ${text}\n`);
  if (cluster) {
    const file = path.join(cluster.folder, 'live.log');
    await until(
      () => resource.get({ name, namespace }),
      ({ status }) => status?.phase === 'Running'
    );
    return { namespace, name, say: line => write(file, new Date(), line) };
  }
  const files = path.join(localHome(), 'kubernetes', 'pods', uid);
  for (const container of ['live', 'other']) {
    await mkdir(path.join(files, container), { recursive: true });
    await write(path.join(files, container, '0.log'), new Date('2025-12-31T23:59:59Z'), BEFORE);
    for (const [index, line] of LINES.entries()) {
      const time = new Date(Date.UTC(2026, 0, 1, 0, 0, index));
      await write(path.join(files, container, '1.log'), time, line);
    }
  }
  const containerStatuses = ['live', 'other'].map(container => ({
    name: container,
    image: 'busybox:1',
    imageID: '',
    ready: true,
    restartCount: 1
  }));
  const body = { status: { phase: 'Running', containerStatuses } };
  await resource.patch({ name, namespace }, { type: 'merge', body }, { subresource: 'status' });
  return {
    namespace,
    name,
    say: line => write(path.join(files, 'live', '1.log'), new Date(), line)
  };
}
