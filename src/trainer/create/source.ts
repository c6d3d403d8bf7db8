/** Where the code comes from: a Python file or a notebook, as it stands in an editor when it is open, else as it is saved. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IJupyterServer } from '../../client/jupyter';
import { parameterText, validateParameter } from '../../ui/form/parameters';
import { functionScript, pythonLiteral } from '../../ui/training/script';
import {
  type IArgument,
  type IFunction,
  type ISourceProblem,
  type ISourceServices,
  readFile,
  readNotebook
} from '../../ui/training/source';
import type { ICodeOrigin } from '../../ui/training/trainingForm';

/** What is trained. */
export interface IOrigin extends ICodeOrigin {
  kind: 'file' | 'notebook' | 'function' | 'command';
  /** What was typed for its arguments. */
  texts: Record<string, string>;
}

/** What was read of an origin. */
export interface ISource {
  /** The file's code; undefined for a function, which `functionCode` makes. */
  text?: string;
  functions?: IFunction[];
  problems: ISourceProblem[];
}

type Server = Pick<IJupyterServer, 'json'>;

/** Reads what is at a path. Rejects with an `Error` in words. */
export async function readSource(
  { kind, path }: Pick<IOrigin, 'kind' | 'path'>,
  services: ISourceServices,
  server: Server
): Promise<ISource> {
  if (kind === 'file') {
    return { text: await readFile(path, services), problems: [] };
  }
  const notebook = await readNotebook(path, services);
  const json = { path, notebook };
  if (kind === 'notebook') {
    const { script, problems } = await server.json<{
      script: string;
      problems: ISourceProblem[];
    }>({ method: 'POST', path: '/notebook/script', json });
    return { text: script, problems };
  }
  const { functions } = await server.json<{ functions: IFunction[] }>({
    method: 'POST',
    path: '/notebook/functions',
    json
  });
  const read = functions.map(each => ({
    ...each,
    parameters: each.parameters.map(one => ({ ...one, default: one.default ?? undefined }))
  }));
  return { functions: read, problems: [] };
}

/** What stands in an argument's field at first. */
export function defaultText({ type, default: value }: IArgument): string {
  return parameterText(type === 'ANY' ? 'STRING' : type, value);
}

/** A function's arguments as Python source by name, or what is wrong with them. Those that are not changed have the function's own default. */
export function readArguments(
  { parameters }: IFunction,
  texts: Readonly<Record<string, string>>,
  trans: TranslationBundle
): { call: Map<string, string>; errors: Record<string, string> } {
  const call = new Map<string, string>();
  const errors: Record<string, string> = {};
  for (const parameter of parameters) {
    const { name, type } = parameter;
    const typed = texts[name] ?? defaultText(parameter);
    if (typed === defaultText(parameter)) {
      if (parameter.required) {
        errors[name] = trans.__('Argument *%1* needs a value.', name);
      }
      continue;
    }
    if (type === 'ANY') {
      call.set(name, pythonLiteral(anyValue(typed)));
      continue;
    }
    const read = validateParameter({ ...parameter, type }, typed, trans);
    if (read.error !== undefined) {
      errors[name] = read.error;
    } else if (read.value !== undefined) {
      call.set(name, pythonLiteral(read.value, type === 'NUMBER_DOUBLE'));
    }
  }
  return { call, errors };
}

/** The file that calls a function with what was typed. */
export function functionCode(
  found: IFunction,
  texts: Readonly<Record<string, string>>,
  trans: TranslationBundle
): string {
  return functionScript(found.source, found.name, readArguments(found, texts, trans).call);
}

/** Numbers, `true`, `false`, `null`, lists and objects as JSON has them; Python's `True`, `False` and `None`; else the text itself. */
function anyValue(typed: string): unknown {
  const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
  if (typed in words) {
    return words[typed];
  }
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
