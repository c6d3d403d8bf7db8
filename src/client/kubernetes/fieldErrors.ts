/** What a refused write says of single fields (`Status.details.causes`), for forms. */
import { list, object, text } from '../../graph/wire';
import { ApiError } from '../errors';

/** One thing that is wrong with a field. */
export interface IFieldError {
  /** As the server names it: `spec.trainer.numNodes`, `spec.tasks[0].name`; empty for the object as a whole. */
  field: string;
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldManagerConflict` … */
  reason: string;
  message: string;
}

/** What a 422, or a 409 of an apply, says of fields; empty for any other error. */
export function fieldErrors(error: unknown): IFieldError[] {
  if (!(error instanceof ApiError)) {
    return [];
  }
  return list(object(error.details).causes)
    .map(object)
    .map(cause => ({
      field: (text(cause.field) ?? '').replace(/^<nil>$/, ''),
      reason: text(cause.reason) ?? 'FieldValueInvalid',
      message: text(cause.message) ?? error.message
    }));
}
