/** Causes in words: what happened, and what to do about it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type ICause, tellsRemedy } from './cause';

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
    case 'unschedulable':
      return roomWords(message) || trans.__('no room on any node');
    case 'claim':
      return trans.__('the volume claim %1 does not exist', subject);
    case 'quota':
      return quotaWords(message, trans);
    case 'refused':
      return isTooLong(cause)
        ? trans.__('its name is too long')
        : message.replace(/^.*denied the request: /s, '');
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
      return configurationRemedy(cause.message ?? '', trans);
    case 'evicted':
      return trans.__('The machine ran short of memory or disk. Ask for what the job needs.');
    case 'deadline':
      return trans.__('Clone the job with a longer deadline, or do less.');
    case 'no-room':
      return trans.__(
        'It starts by itself when there is room. Asking for less CPU, memory or GPUs helps.'
      );
    case 'claim':
      return trans.__(
        'Create the volume claim %1: the job then starts by itself. Or clone the job with another one.',
        cause.subject ?? ''
      );
    case 'unschedulable':
      return undefined;
    case 'quota':
      return trans.__(
        'It starts when others in the namespace have ended. Else ask for less, or have the quota raised.'
      );
    case 'refused':
      return isTooLong(cause) ? trans.__('Clone it under a shorter name.') : undefined;
  }
}

/** What failed and which attempt follows it, in a few words: `attempt 2 of 7, last: exit code 1`; what happened where nothing is tried again. */
export function attemptText(
  cause: ICause,
  trans: TranslationBundle,
  text = causeText(cause, trans)
): string {
  return cause.retry
    ? trans.__('attempt %1 of %2, last: %3', cause.retry.attempt, cause.retry.of, text)
    : text;
}

/** What the cluster does about a failure by itself; undefined where nothing. */
export function retryWords({ retry }: ICause, trans: TranslationBundle): string | undefined {
  return retry
    ? trans.__(
        'It is tried again by itself, each time after a longer wait, until it has failed %1 times; failures of all nodes count.',
        retry.of
      )
    : undefined;
}

/** The API's own sentence where the few words leave something of it out. */
export function causeMessage(cause: ICause, trans: TranslationBundle): string | undefined {
  const told = cause.message?.replace(SCHEDULER, '').replace(/\.$/, '');
  const text = causeText(cause, trans);
  return told === text || cause.message === text ? undefined : cause.message;
}

/** What the scheduler begins each of its sentences with. */
const SCHEDULER = /^\d+\/\d+ nodes are available: /;

function isTooLong({ message = '' }: ICause): boolean {
  return /\btoo long\b|no more than \d+ characters/.test(message);
}

/** What to do about a container that cannot be made, by what the kubelet says of it. */
function configurationRemedy(message: string, trans: TranslationBundle): string | undefined {
  if (tellsRemedy(message)) {
    return undefined;
  }
  if (/no command specified/i.test(message)) {
    return trans.__('Clone the job with a command, or with an image that has one.');
  }
  const [, kind, name] = /\b(secret|configmap) "([^"]+)" not found/i.exec(message) ?? [];
  if (name) {
    return kind!.toLowerCase() === 'secret'
      ? trans.__('Create the secret %1, or clone the job without it.', name)
      : trans.__('Create the config map %1, or clone the job without it.', name);
  }
  return /find key|has no key/.test(message)
    ? trans.__('Add the key, or clone the job with one that is there.')
    : trans.__('The events of the pod tell more. Clone the job with this put right.');
}

/** The scheduler's sentence without what it says each time: `3 Insufficient cpu`. */
function roomWords(message: string): string {
  const [first = ''] = message.replace(SCHEDULER, '').split(/\.(?:\s|$)| preemption:/);
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
