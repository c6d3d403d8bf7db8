/** Causes in words: what happened, and what to do about it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICause } from './cause';

/** What happened in a few words: `exit code 1`, `module numpy is missing`. */
export function causeText(cause: ICause, trans: TranslationBundle): string {
  const { kind, subject = '', message = '', exitCode } = cause;
  switch (kind) {
    case 'missing-module':
      return trans.__('module %1 is missing', subject);
    case 'memory':
      return trans.__('out of memory');
    case 'gpu-memory':
      return trans.__('out of GPU memory');
    case 'exit':
      return subject
        ? trans.__('exit code %1: %2', exitCode ?? '', subject)
        : trans.__('exit code %1', exitCode ?? '');
    case 'killed':
      return trans.__('killed (exit code %1)', exitCode ?? '');
    case 'start':
      return trans.__('its command could not be started');
    case 'image':
      return trans.__('image %1 cannot be pulled', subject);
    case 'configuration':
      return message || trans.__('something that it refers to is missing');
    case 'evicted':
      return trans.__('evicted');
    case 'deadline':
      return trans.__('took longer than its deadline');
    case 'no-room':
      return roomWords(message) || trans.__('no room on any node');
    case 'quota':
      return quotaWords(message, trans);
    case 'refused':
      return message;
  }
}

/** What to do about it; undefined where nothing general can be said. */
export function causeRemedy(cause: ICause, trans: TranslationBundle): string | undefined {
  switch (cause.kind) {
    case 'missing-module':
      return trans.__(
        'Add the package that has %1 to those that the job installs, or choose a runtime or image that has it.',
        cause.subject ?? ''
      );
    case 'memory':
      return trans.__(
        'Clone the job with more memory for each node, or train with less data at a time.'
      );
    case 'gpu-memory':
      return trans.__('Use a smaller batch, or clone the job with more GPUs or larger ones.');
    case 'exit':
      return trans.__('The log of the node tells where.');
    case 'killed':
      return trans.__(
        'Something outside ended it. The events tell who; with exit code 137 it may have been the memory of the machine.'
      );
    case 'start':
      return trans.__('Check the command and that the image has the program.');
    case 'image':
      return trans.__(
        'Check the image’s name and tag, and that the cluster may read its registry. Then clone the job.'
      );
    case 'configuration':
      return trans.__('Create what is missing, such as the secret, config map or volume claim.');
    case 'evicted':
      return trans.__('The machine ran short of memory or disk. Ask for what the job needs.');
    case 'deadline':
      return trans.__('Clone the job with a longer deadline, or do less.');
    case 'no-room':
      return trans.__(
        'It starts by itself when there is room. Asking for less CPU, memory or GPUs helps.'
      );
    case 'quota':
      return trans.__(
        'It starts when others in the namespace have ended. Else ask for less, or have the quota raised.'
      );
    case 'refused':
      return undefined;
  }
}

/** The scheduler's sentence without what it says each time: `3 Insufficient cpu`. */
function roomWords(message: string): string {
  const [first = ''] = message
    .replace(/^\d+\/\d+ nodes are available: /, '')
    .split(/\.(?:\s|$)| preemption:/);
  return first.trim();
}

/** `quota team-quota: 4 of 4 CPU used`, from the API server's `exceeded quota: NAME, requested: …, used: …, limited: …`. */
function quotaWords(message: string, trans: TranslationBundle): string {
  const [, name, requested, used, limited] =
    /exceeded quota: ([^,]+), requested: (.+?), used: (.+?), limited: (.+)$/.exec(message) ?? [];
  return name
    ? trans.__(
        'quota %1 is used up: it asks for %2, used are %3 of %4',
        name,
        requested,
        used,
        limited
      )
    : trans.__('the quota is used up');
}
