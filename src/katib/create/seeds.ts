/** What a form begins with. */
import { PathExt } from '@jupyterlab/coreutils';

import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import { newName, stemOf } from '../../ui/kubernetes/form/names';
import { kindOfPath } from '../../ui/training/source';
import type { KatibContext, StudyKind } from '../context';
import type { StudyObject } from '../kinds';
import { type IBeginning, STEM } from './formState';
import { cloneStudy, newStudy, studyOfTrainJob } from './model';

/** What a form is opened for; all of it can be left out. */
export interface ICreateSeed {
  /** A Python file or a notebook, as the contents API names it. */
  path?: string;
  /** The id of a cell of that notebook, whose function is tuned. */
  cell?: string;
  /** A tuning experiment to make another one like it from. */
  experiment?: StudyObject;
  /** A TrainJob that each trial is to be like. */
  trainJob?: ITrainJob;
}

/** What a form is kept under: by its connection and what it is for. */
export function keyOf({ kubeflow }: KatibContext, seed: ICreateSeed): string {
  const { experiment, trainJob, path = '', cell = '' } = seed;
  const { namespace = '', name = '' } = (experiment ?? trainJob)?.metadata ?? {};
  const about = experiment
    ? `clone ${namespace}/${name}`
    : trainJob
      ? `job ${namespace}/${name}`
      : `new ${path} ${cell}`;
  return `kubeflow-katib-form:${kubeflow.connection.state?.active ?? ''}:${about.trim()}`;
}

/** The title of a form's tab. */
export function labelOf({ trans }: KatibContext, seed: ICreateSeed): string {
  const { experiment, trainJob, path } = seed;
  if (experiment) {
    return trans.__('Clone %1', experiment.metadata?.name ?? '');
  }
  const of = trainJob?.metadata?.name ?? (path && PathExt.basename(path));
  return of ? trans.__('Tune %1', of) : trans.__('New tuning experiment');
}

/** The experiment and the origin of its code. */
export function beginning(
  { kubeflow }: KatibContext,
  kind: StudyKind,
  { path = '', cell, experiment, trainJob }: ICreateSeed
): IBeginning {
  const namespace = kubeflow.connection.state?.namespace ?? '';
  const template = { kind: 'template', path: '', function: '' } as const;
  if (experiment) {
    const name = newName(stemOf(experiment.metadata?.name ?? ''), STEM);
    return { object: cloneStudy(kind, experiment, name), origin: template };
  }
  if (trainJob) {
    const name = newName(stemOf(trainJob.metadata?.name ?? ''), STEM);
    const study = studyOfTrainJob(kind, trainJob, name, namespace);
    const job = trainJob.metadata?.name ?? '';
    // One that is not there, such as an edited one, is known by the YAML alone.
    const origin = trainJob.metadata?.uid
      ? ({ kind: 'job', path: job, function: '' } as const)
      : template;
    return { object: study, origin };
  }
  const own = kindOfPath(path);
  return {
    object: newStudy(kind, newName(path, STEM), namespace),
    origin: { kind: cell ? 'function' : path ? own : 'notebook', path, function: '', cell }
  };
}
