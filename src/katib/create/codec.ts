/** How the form reads and writes tuning experiments. */
import type { IObjectCodec } from '../../ui/kubernetes/form/sides';
import { same } from '../../ui/kubernetes/threeWay';
import type { StudyKind } from '../context';
import { fieldOf } from './check';
import { type IDraft, readDraft, settled, writeDraft } from './model';
import { choicesOf, type ISpaceRow } from './space';

/** What is kept as it was typed while the object says the same. */
const TYPED = [
  'additional',
  'settings',
  'stoppingSettings',
  'formats',
  'env',
  'resources'
] as const;

/** The form's codec for a kind. */
export function studyCodec(kind: StudyKind): IObjectCodec<IDraft> {
  return {
    read: of => readDraft(kind, of),
    write: (of, draft) => writeDraft(kind, of, draft),
    carry: (before, read) => {
      const said = settled(before);
      const typed = TYPED.filter(key => same(said[key], read[key]));
      const space = same(said.space.map(meant), read.space.map(meant)) ? before.space : read.space;
      return { ...read, ...Object.fromEntries(typed.map(key => [key, before[key]])), space };
    },
    fieldOf: (path, of, draft) => fieldOf(kind, path, of, draft),
    expected:
      kind === 'Experiment'
        ? 'An Experiment is expected here.'
        : 'An OptimizationJob is expected here.',
    taken: (name, trans) =>
      trans.__('There is a tuning experiment “%1” already. Choose another name.', name)
  };
}

/** A row by what it says, however its choices are written. */
function meant(row: ISpaceRow) {
  const listed = row.type === 'discrete' || row.type === 'categorical';
  return listed
    ? [row.name, row.type, ...choicesOf(row.choices)]
    : [row.name, row.type, row.min, row.max, row.step, row.distribution];
}
