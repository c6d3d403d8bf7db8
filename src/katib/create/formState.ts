/** What the form shows and what is kept of it. */
import { type Json, object, text } from '../../graph/wire';
import { newName, stemOf } from '../../ui/kubernetes/form/names';
import { CLEAN, type IObjectFormState } from '../../ui/kubernetes/form/objectForm';
import { editForm, editText, sidesOf } from '../../ui/kubernetes/form/sides';
import type { StudyKind } from '../context';
import { studyCodec } from './codec';
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
  /** The name that was made; another one was typed. */
  readonly generated?: string;
}

/** What is kept of a form. */
export interface IKeptForm {
  kind: StudyKind;
  object: Json;
  text: string;
  origin: IOrigin;
  /** Whether an experiment was made of it. */
  created: boolean;
  handmade: boolean;
  generated?: string;
}

/** What a form begins with. */
export interface IBeginning {
  object: Json;
  origin: IOrigin;
}

/** What the names of experiments begin with that are made of nothing. */
export const STEM = 'tune';

/** A form that nobody has typed into. */
export function fresh(kind: StudyKind, { object: of, origin }: IBeginning): IFormState {
  const sides = sidesOf(studyCodec(kind), of);
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

/** What was typed before; what an experiment was made of gets another name. */
export function recalled(kept: IKeptForm): IFormState {
  const { kind, object: of, text: typed, origin, created, handmade } = kept;
  const codec = studyCodec(kind);
  const sides = editText(codec, sidesOf(codec, of), typed);
  const name = text(object(sides.object['metadata'])['name']) ?? '';
  const generated = created ? newName(stemOf(name), STEM) : kept.generated;
  return {
    ...CLEAN,
    reading: false,
    sides: created && generated ? editForm(codec, sides, { name: generated }) : sides,
    origin,
    recalled: true,
    handmade,
    generated
  };
}

/** Whether what was kept under a key is a form. */
export function isKept(value: unknown): value is IKeptForm {
  const { kind, object: of, text: typed, origin } = object(value);
  const { kind: from, path } = object(origin);
  return (
    (kind === 'Experiment' || kind === 'OptimizationJob') &&
    typeof of === 'object' &&
    of !== null &&
    typeof typed === 'string' &&
    typeof from === 'string' &&
    typeof path === 'string'
  );
}
