/** The kinds of tuning experiments as the client knows them. */
import type { IHealth, IKind } from '../client/kubernetes/kind';
import { healthOf } from '../client/kubernetes/kind';
import { tuningExperiments } from '../client/kubernetes/kinds/katib';
import type { IExperiment } from '../client/kubernetes/kinds/katib';
import { optimizationJobs } from '../client/kubernetes/kinds/trainer';
import type { IOptimizationJob } from '../client/kubernetes/kinds/trainer';
import type { ISelected, StudyKind } from './context';

/** An object that is a tuning experiment. */
export type StudyObject = IExperiment | IOptimizationJob;

/** Whether an object is Katib's. */
export function isExperiment(object: StudyObject): object is IExperiment {
  return !('objectives' in object.spec);
}

/** What the client calls a kind of tuning experiment. */
export function kindOf(kind: StudyKind): IKind<StudyObject> {
  return (kind === 'Experiment' ? tuningExperiments : optimizationJobs) as IKind<StudyObject>;
}

/** Which kind an object is of. */
export function studyKind(object: StudyObject): StudyKind {
  return isExperiment(object) ? 'Experiment' : 'OptimizationJob';
}

/** How a tuning experiment is. */
export function studyHealth(object: StudyObject): IHealth {
  return healthOf(kindOf(studyKind(object)), object);
}

/** An object as commands know it. */
export function selectedOf(object: StudyObject): ISelected {
  const { namespace = '', name = '' } = object.metadata ?? {};
  return { kind: studyKind(object), namespace, name, phase: studyHealth(object).phase };
}
