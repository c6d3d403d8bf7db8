/** What the form shows and what is kept of it. */
import { object } from '../../graph/wire';
import {
  type IKeptTraining,
  isKeptTraining,
  type ITrainingBeginning,
  type ITrainingState
} from '../../ui/training/trainingForm';
import type { IDraft } from './model';
import type { IOrigin, ISource } from './source';

/** What the form shows. */
export type IFormState = ITrainingState<IDraft, IOrigin, ISource>;

/** What is kept of a form. */
export type IKeptForm = IKeptTraining<IOrigin>;

/** What a form begins with. */
export type IBeginning = ITrainingBeginning<IOrigin>;

/** What the names of jobs begin with that are made of nothing. */
export const STEM = 'train';

/** Whether what was kept under a key is a form. */
export function isKept(value: unknown): value is IKeptForm {
  return isKeptTraining(value) && typeof object(value.origin)['texts'] === 'object';
}
