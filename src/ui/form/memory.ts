import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import type { IParameter } from './parameters';
import { parameterText } from './parameters';

/** Where the submit dialog remembers what was typed last. */
export interface IFormMemory {
  state: IStateDB;
  /** For example `kubeflow-notebook:form:digits.ipynb`. */
  key: string;
}

/** What is remembered. */
export interface IRemembered {
  /** The texts that differ from the parameters' defaults, by name. */
  texts: Record<string, string>;
  experiment: string;
  caching: boolean;
}

/** Keeps what was typed. A text is kept together with the type and the default that its parameter had. */
export async function remember(
  memory: IFormMemory,
  parameters: IParameter[],
  { texts, experiment, caching }: IRemembered
): Promise<void> {
  const kept: Record<string, ReadonlyJSONObject> = {};
  for (const { name, type, default: value } of parameters) {
    const text = texts[name];
    const initial = parameterText(type, value);
    if (text !== undefined && text !== initial) {
      kept[name] = { text, type, initial };
    }
  }
  await memory.state.save(memory.key, { texts: kept, experiment, caching });
}

/**
 * What was kept, or `null`. A text whose parameter is gone, or has another type or default by now, is left out: the newer default holds.
 */
export async function recall(
  memory: IFormMemory,
  parameters: IParameter[]
): Promise<IRemembered | null> {
  const stored = asObject(await memory.state.fetch(memory.key));
  if (!stored) {
    return null;
  }
  const kept = asObject(stored.texts) ?? {};
  const texts: Record<string, string> = {};
  for (const { name, type, default: value } of parameters) {
    const entry = asObject(kept[name]);
    if (
      entry &&
      typeof entry.text === 'string' &&
      entry.type === type &&
      entry.initial === parameterText(type, value)
    ) {
      texts[name] = entry.text;
    }
  }
  return {
    texts,
    experiment: typeof stored.experiment === 'string' ? stored.experiment : '',
    caching: stored.caching !== false
  };
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
