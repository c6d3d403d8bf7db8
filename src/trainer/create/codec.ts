/** How the form reads and writes TrainJobs. */
import type { IObjectCodec } from '../../ui/kubernetes/form/sides';
import { same } from '../../ui/kubernetes/threeWay';
import { fieldOf } from './check';
import { type IDraft, type PatchField, readDraft, settled, writeDraft } from './model';

/** The form's codec. `patches` is where the server has patches of pods. */
export function trainJobCodec(patches: PatchField = 'runtimePatches'): IObjectCodec<IDraft> {
  return {
    read: readDraft,
    write: (job, draft) => writeDraft(job, draft, patches),
    carry: (before, read) => {
      const said = settled(before);
      // Rows that have no name yet stay in the form.
      const rows = (key: 'env' | 'devices') =>
        same(said[key], read[key]) ? before[key] : read[key];
      return { ...read, env: rows('env'), devices: rows('devices') };
    },
    fieldOf,
    expected: 'A TrainJob is expected here.',
    taken: (name, trans) => trans.__('There is a TrainJob “%1” already. Choose another name.', name)
  };
}
