/** What the form shows and what is kept of it. */
import { type Json, object, text } from '../../graph/wire';
import { type IProblems, NOTHING } from './check';
import { jobName, stemOf } from './names';
import type { IOrigin, ISource } from './source';
import { editForm, editText, type ISides, sidesOf } from './sync';

/** What the form shows. */
export interface IFormState {
  readonly sides: ISides;
  readonly origin: IOrigin;
  /** What was read of the origin. */
  readonly source?: ISource;
  /** Why it could not be read. */
  readonly sourceError?: string;
  readonly reading: boolean;
  /** What is wrong, where it is shown already. */
  readonly problems: IProblems;
  /** What the arguments of the function lack, by name. */
  readonly argumentErrors: Readonly<Record<string, string>>;
  /** What is being done. */
  readonly busy?: 'check' | 'create';
  /** Whether the server has accepted the job as it stands. */
  readonly accepted: boolean;
  /** How often it was refused: the form then goes to the first field that is wrong. */
  readonly failures: number;
  /** Whether what is shown was typed in an earlier form. */
  readonly recalled: boolean;
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

const CLEAN = {
  reading: false,
  problems: NOTHING,
  argumentErrors: {},
  busy: undefined,
  accepted: false,
  failures: 0
};

/** A form that nobody has typed into. */
export function fresh({ job, origin }: IBeginning): IFormState {
  const sides = sidesOf(job);
  return {
    ...CLEAN,
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
  const sides = editText(sidesOf(job), typed);
  const name = text(object(sides.job['metadata'])['name']) ?? '';
  const generated = created ? jobName(stemOf(name)) : kept.generated;
  return {
    ...CLEAN,
    sides: created && generated ? editForm(sides, { name: generated }) : sides,
    origin,
    recalled: true,
    handmade,
    generated
  };
}
