/** What is wrong with a training at the fields of forms, by rules that need no server. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Json } from '../../graph/wire';
import { formatBytes } from '../format';
import { checkRows, isCount, isVariable, type Say } from '../kubernetes/form/problems';
import type { Code, ITrainingDraft } from './draft';
import { MAX_ARGUMENT, MAX_OBJECT } from './script';

/** Of the code in a command, with room for the lines around it. */
const LONGEST_CODE = MAX_ARGUMENT - 1024;

/** A reference of an image: a registry, a path, a tag, a digest. */
const IMAGE =
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-zA-Z][\w.+-]*:[0-9a-fA-F]{32,})?$/;

/** Tells what is wrong with the fields of a training. */
export function checkTraining(draft: ITrainingDraft, say: Say, trans: TranslationBundle): void {
  const { runtime, nodes, env, image, code } = draft;
  say('runtime', runtime.name === '' && trans.__('Choose the runtime to train with.'));
  say(
    'nodes',
    nodes !== '' && !isCount(nodes) && trans.__('This must be a whole number from 1 on.')
  );
  checkRows(env, 'env', say, trans);
  env.forEach(({ name }, index) =>
    say(
      `env.${index}`,
      name !== '' &&
        !isVariable(name) &&
        trans.__(
          'A variable has letters, digits, dots, dashes and underscores, and begins with no digit.'
        )
    )
  );
  say(
    'image',
    image !== '' &&
      !IMAGE.test(image) &&
      trans.__('This must be an image, for example pytorch/pytorch:2.7.1 or ghcr.io/me/train.')
  );
  say('code', codeProblem(code, trans));
}

function codeProblem(code: Code, trans: TranslationBundle): string | false {
  if (code.kind === 'script' && code.script.text.trim() === '') {
    return trans.__('There is no code in it yet.');
  }
  const parts = code.kind === 'script' ? [code.script.text] : code.command;
  const longest = Math.max(0, ...parts.map(bytes));
  return (
    longest > LONGEST_CODE &&
    trans.__(
      'The code is too long: %1, and a node can be started with %2. Move data and modules out of it, into the image or onto a volume.',
      formatBytes(longest),
      formatBytes(LONGEST_CODE)
    )
  );
}

/** Says that an object is too large to be stored, by `words` of its size and of the largest; nothing where it is not. */
export function sizeProblems(of: Json, words: (size: string, most: string) => string): string[] {
  const size = bytes(JSON.stringify(of));
  return size > MAX_OBJECT ? [words(formatBytes(size), formatBytes(MAX_OBJECT))] : [];
}

function bytes(value: string): number {
  return new TextEncoder().encode(value).length;
}
