import { expect, type IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import * as fs from 'fs';
import * as path from 'path';

import { folders, type ServerName } from '../servers';
import { execute } from './commands';
import { type IObject, kube, NAMESPACE, ROUTES } from './kubernetes';

/** Where TrainJobs are. */
export const TRAIN_JOBS = `/apis/trainer.kubeflow.org/v1alpha1/namespaces/${NAMESPACE}/trainjobs`;
const CLAIMS = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`;
const SCRIPT = path.resolve(__dirname, '../../examples/train_digits.py');

/** A TrainJob as the API tells it. */
export interface ITrainJob extends IObject {
  spec: { suspend?: boolean; trainer?: { numNodes?: number; args?: string[] } };
  status?: {
    conditions?: { type: string; status: string }[];
    trainerStatus?: { progressPercentage?: number; metrics?: { name: string; value: string }[] };
  };
}

/** Creates a TrainJob of plain Python; `trainer` are its `spec.trainer`, `spec` come on top. */
export function createTrainJob(
  server: ServerName,
  name: string,
  trainer: Record<string, unknown>,
  spec: Record<string, unknown> = {}
): Promise<ITrainJob> {
  const body = {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: { name },
    spec: { runtimeRef: { name: 'python-distributed' }, trainer, ...spec }
  };
  return kube(server, 'POST', TRAIN_JOBS, body);
}

/** Creates a TrainJob that fails or ends as the Python code says. */
export function createCode(server: ServerName, name: string, code: string): Promise<ITrainJob> {
  return createTrainJob(server, name, { command: ['python', '-u', '-c', code] });
}

/** Creates a volume claim. */
export async function createClaim(server: ServerName, name: string): Promise<void> {
  await kube(server, 'POST', CLAIMS, {
    metadata: { name },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } }
  });
}

/** Creates the training of `examples/train_digits.py`, its checkpoints in the claim `NAME-checkpoints`. */
export async function trainDigits(
  server: ServerName,
  name: string,
  epochs: number,
  nodes = 2
): Promise<ITrainJob> {
  const claimName = `${name}-checkpoints`;
  await createClaim(server, claimName);
  const pod = {
    containers: [
      { name: 'node', volumeMounts: [{ name: 'checkpoints', mountPath: '/checkpoints' }] }
    ],
    volumes: [{ name: 'checkpoints', persistentVolumeClaim: { claimName } }]
  };
  const step = { name: 'node', template: { spec: { template: { spec: pod } } } };
  const args = ['--checkpoints', '/checkpoints', '--nodes', `${nodes}`, '--epochs', `${epochs}`];
  return createTrainJob(
    server,
    name,
    { numNodes: nodes, command: ['python', SCRIPT], args },
    {
      runtimePatches: [
        {
          manager: 'browser-tests',
          trainingRuntimeSpec: { template: { spec: { replicatedJobs: [step] } } }
        }
      ]
    }
  );
}

/** The epochs of the checkpoints in a claim of `trainDigits`, oldest first. */
export function checkpoints(server: ServerName, name: string): number[] {
  const folder = path.join(folders(server).local, 'volumes', NAMESPACE, `${name}-checkpoints`);
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return files
    .flatMap(file => /^epoch-(\d{5})\.npz$/.exec(file)?.slice(1).map(Number) ?? [])
    .sort((a, b) => a - b);
}

/** A TrainJob as it is now. */
export function trainJob(server: ServerName, name: string): Promise<ITrainJob> {
  return kube(server, 'GET', `${TRAIN_JOBS}/${name}`);
}

/** The ids of the processes of this machine that were given a text in their arguments. */
export function processesOf(text: string): number[] {
  return fs.readdirSync('/proc').flatMap(entry => {
    try {
      const given = /^\d+$/.test(entry) ? fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8') : '';
      return given.includes(text) ? [Number(entry)] : [];
    } catch {
      return []; // it has ended
    }
  });
}

/** Removes all TrainJobs; resolves when nothing runs of them. */
export async function removeTrainJobs(server: ServerName): Promise<void> {
  await kube(server, 'DELETE', TRAIN_JOBS);
  const route = `${ROUTES.Pod}?labelSelector=jobset.sigs.k8s.io%2Fjobset-name`;
  const pods = async () => (await kube<{ items: unknown[] }>(server, 'GET', route)).items.length;
  await expect.poll(pods, { timeout: 60_000 }).toBe(0);
  await kube(server, 'DELETE', CLAIMS);
}

/** The Trainer panel. */
export async function openPanel(page: IJupyterLabPageFixture): Promise<Locator> {
  await execute(page, 'kubeflow-trainer:show-panel');
  const panel = page.getByRole('region', { name: 'Trainer' }).first();
  await expect(panel).toBeVisible();
  return panel;
}

/** A job's tab, at a section. */
export async function openJob(
  page: IJupyterLabPageFixture,
  name: string,
  section?: string
): Promise<Locator> {
  await execute(page, 'kubeflow-trainer:open-job', { name, ...(section ? { section } : {}) });
  return detailOf(page, name);
}

/** The tab of a job, which is in front. */
export async function detailOf(page: IJupyterLabPageFixture, name: string): Promise<Locator> {
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('heading', { name })).toBeVisible();
  return detail;
}
