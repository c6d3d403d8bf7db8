/** What a form begins with. */
import { PathExt } from '@jupyterlab/coreutils';

import { newName, stemOf } from '../../ui/kubernetes/form/names';
import { kindOfPath } from '../../ui/training/source';
import type { ICreateSeed, TrainerContext } from '../context';
import { type IBeginning, STEM } from './formState';
import { cloneJob, newJob } from './model';

/** What a form is kept under: by its connection and what it is for. */
export function keyOf({ kubeflow }: TrainerContext, seed: ICreateSeed): string {
  const { job, path = '', function: name = '', cell = '' } = seed;
  const { namespace = '', name: of = '' } = job?.metadata ?? {};
  const about = job ? `clone ${namespace}/${of}` : `new ${path} ${name || cell}`;
  return `kubeflow-trainer-form:${kubeflow.connection.state?.active ?? ''}:${about.trim()}`;
}

/** The title of a form's tab. */
export function labelOf({ trans }: TrainerContext, { job, path, function: name }: ICreateSeed) {
  const of = job?.metadata?.name ?? name ?? (path && PathExt.basename(path));
  return job
    ? trans.__('Clone %1', of)
    : of
      ? trans.__('Train %1', of)
      : trans.__('New training job');
}

/** The job and the origin of its code. */
export function beginning({ kubeflow }: TrainerContext, seed: ICreateSeed): IBeginning {
  const { job, path = '', function: name = '', cell } = seed;
  if (job) {
    const clone = cloneJob(job, newName(stemOf(job.metadata?.name ?? ''), STEM));
    return { object: clone, origin: { kind: 'command', path: '', function: '', texts: {} } };
  }
  const kind = name || cell ? 'function' : kindOfPath(path);
  return {
    object: newJob(newName(name || path, STEM), kubeflow.connection.state?.namespace ?? ''),
    origin: { kind, path, function: name, cell, texts: {} }
  };
}
