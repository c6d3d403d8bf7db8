/** What the form shows and what is kept of it. */
import { type Json, object, text } from '../../graph/wire';
import { newName, stemOf } from '../../ui/kubernetes/form/names';
import { CLEAN, type IObjectFormState } from '../../ui/kubernetes/form/objectForm';
import { editForm, editText, sidesOf } from '../../ui/kubernetes/form/sides';
import { trainJobCodec } from './codec';
import type { IDraft } from './model';
import type { IOrigin, ISource } from './source';

/** What the form shows. */
export interface IFormState extends IObjectFormState<IDraft> {
  readonly origin: IOrigin;
  /** What was read of the origin. */
  readonly source?: ISource;
  /** Why it could not be read. */
  readonly sourceError?: string;
  readonly reading: boolean;
  /** Whether the code was changed in the YAML: then it is replaced only when a person says so. */
  readonly handmade: boolean;
  /** The name that was made for the job; another one was typed. */
  readonly generated?: string;
}

/** What is kept of a form. */
export interface IKeptForm {
  job: Json;
  text: string;
  origin: IOrigin;
  /** Whether a job was made of it. */
  created: boolean;
  /** Whether the code was changed in the YAML. */
  handmade: boolean;
  generated?: string;
}

/** What a form begins with. */
export interface IBeginning {
  job: Json;
  origin: IOrigin;
}

/** What the names of jobs begin with that are made of nothing. */
export const STEM = 'train';

const CODEC = trainJobCodec();

/** A form that nobody has typed into. */
export function fresh({ job, origin }: IBeginning): IFormState {
  const sides = sidesOf(CODEC, job);
  return {
    ...CLEAN,
    reading: false,
    sides,
    origin,
    recalled: false,
    handmade: false,
    generated: sides.draft.name
  };
}

/** What was typed before; a job that was made of it gets another name. */
export function recalled(kept: IKeptForm): IFormState {
  const { job, text: typed, origin, created, handmade } = kept;
  const sides = editText(CODEC, sidesOf(CODEC, job), typed);
  const name = text(object(sides.object['metadata'])['name']) ?? '';
  const generated = created ? newName(stemOf(name), STEM) : kept.generated;
  return {
    ...CLEAN,
    reading: false,
    sides: created && generated ? editForm(CODEC, sides, { name: generated }) : sides,
    origin,
    recalled: true,
    handmade,
    generated
  };
}
