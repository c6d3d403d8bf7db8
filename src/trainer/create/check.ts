/** What of a TrainJob is wrong, at the fields of the form, by rules that need no server; and which field a path of the job is about. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type Json, list, object } from '../../graph/wire';
import {
  checkRows,
  collector,
  type IProblems,
  isCount,
  isDomain,
  isLabelValue,
  isQuantity,
  nameProblem,
  type Say
} from '../../ui/kubernetes/form/problems';
import { type IRuntime, longestName } from '../../ui/kubernetes/runtimes';
import type { Path } from '../../ui/kubernetes/yamlText';
import { checkTraining, sizeProblems } from '../../ui/training/check';
import { trainingField } from '../../ui/training/draft';
import { type IDraft, PRIORITY_LABEL, QUEUE_LABEL } from './model';

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/.+$/;

/** What can be told without the server. `runtime` is the one that is chosen, where it is known. */
export function checkDraft(
  draft: IDraft,
  job: Json,
  trans: TranslationBundle,
  runtime?: IRuntime
): IProblems {
  const { fields, say } = collector();
  const longest = longestName(draft, runtime);
  const tooLong = trans.__(
    'A name has at most %1 characters with this runtime and number of nodes, since the names of pods are made of it, and this one has %2.',
    longest,
    draft.name.length
  );
  say('name', nameProblem(draft.name, longest, tooLong, trans));
  checkTraining(draft, say, trans);
  say(
    'processes',
    draft.processes !== '' &&
      !isCount(draft.processes) &&
      trans.__('This must be a whole number from 1 on.')
  );
  say('cpu', amount(draft.cpu, trans.__('This must be a number of cores, for example 2 or 500m.')));
  say('memory', amount(draft.memory, trans.__('This must be a size, for example 4Gi or 512Mi.')));
  checkRows(draft.devices, 'devices', say, trans);
  draft.devices.forEach(({ name, value }, index) => {
    say(
      `devices.${index}`,
      (name !== '' && value === '' && trans.__('How many of %1? For example 1.', name)) ||
        amount(value, trans.__('This must be a number, for example 1.'))
    );
  });
  for (const field of ['dataset', 'model'] as const) {
    say(
      field,
      draft[field] !== '' &&
        !URI.test(draft[field]) &&
        trans.__('This must be an address, for example s3://bucket/data or file:///data.')
    );
  }
  checkpoint(draft, say, trans);
  for (const field of ['queue', 'priority'] as const) {
    say(
      field,
      draft[field] !== '' &&
        !isLabelValue(draft[field]) &&
        trans.__('This must be a name of at most 63 letters, digits, dots, dashes and underscores.')
    );
  }
  return { fields, top: jobProblems(job, trans) };
}

/** The field of the form that a path of the object is about. Rows of the form may be in another order than in the object, or without a name yet. */
export function fieldOf(path: Path, job: Json, draft: IDraft): string | undefined {
  const [first, second, third, , resource] = path;
  if (first === 'metadata') {
    return second === 'name' || second === 'generateName'
      ? 'name'
      : ({ [QUEUE_LABEL]: 'queue', [PRIORITY_LABEL]: 'priority' } as Record<string, string>)[
          String(third)
        ];
  }
  if (first !== 'spec') {
    return undefined;
  }
  if (second === 'suspend') {
    return 'suspend';
  }
  if (second === 'initializer') {
    return third === 'dataset' || third === 'model' ? third : undefined;
  }
  if (third === 'numProcPerNode') {
    return 'processes';
  }
  if (third === 'resourcesPerNode' && (resource === 'cpu' || resource === 'memory')) {
    return resource;
  }
  return trainingField(path.slice(1), object(job['spec']), draft, 'devices');
}

function amount(typed: string, message: string): string | false {
  return typed !== '' && !isQuantity(typed) && message;
}

function checkpoint(
  { checkpoint: { claim, path } }: IDraft,
  say: Say,
  trans: TranslationBundle
): void {
  say(
    'checkpoint.claim',
    claim === '' && path !== '' && trans.__('Which claim is to be mounted there?')
  );
  say(
    'checkpoint.claim',
    claim !== '' && !isDomain(claim) && trans.__('This is no name of a persistent volume claim.')
  );
  say(
    'checkpoint.path',
    path === '' && claim !== '' && trans.__('Where is it to be mounted? For example /checkpoints.')
  );
  say(
    'checkpoint.path',
    path !== '' &&
      !path.startsWith('/') &&
      trans.__('This must be a path that begins with /, for example /checkpoints.')
  );
  say(
    'checkpoint.path',
    /^\/+$/.test(path) &&
      trans.__('The image’s own files are there. Mount it in a folder, for example /checkpoints.')
  );
}

/** What is wrong with the job as a whole. */
function jobProblems(job: Json, trans: TranslationBundle): string[] {
  const found: string[] = [];
  if (
    job['kind'] !== 'TrainJob' ||
    !String(job['apiVersion']).startsWith('trainer.kubeflow.org/')
  ) {
    found.push(
      trans.__(
        'The YAML must stay a TrainJob: its kind “TrainJob”, its apiVersion “trainer.kubeflow.org/v1alpha1”.'
      )
    );
  }
  const size = sizeProblems(job, (is, most) =>
    trans.__(
      'The job is too large: %1, and at most %2 can be stored. Move data out of it, into the image or onto a volume.',
      is,
      most
    )
  );
  found.push(...size);
  if (list(job['spec']).length > 0) {
    found.push(trans.__('The spec must be an object, not a list.'));
  }
  return found;
}
