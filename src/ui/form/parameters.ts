import type { TranslationBundle } from '@jupyterlab/translation';

/** KFP's types of a pipeline's input parameters (`ParameterType.ParameterTypeEnum` of the PipelineSpec). */
export type ParameterType =
  'STRING' | 'NUMBER_INTEGER' | 'NUMBER_DOUBLE' | 'BOOLEAN' | 'LIST' | 'STRUCT';

/** A parameter that a person may set. */
export interface IParameter {
  name: string;
  type: ParameterType;
  /** JSON value that is used when nothing is typed; `undefined` when there is none. */
  default?: unknown;
  /** Whether a run cannot be created without a value. */
  required: boolean;
  description?: string;
  /** Its type in words, in place of `type`'s. */
  words?: string;
}

/**
 * What a field's text means. `value` is JSON; it is `undefined` when the parameter is to be left out, so that the pipeline's own default holds.
 */
export type ParameterResult = { value: unknown; error?: undefined } | { error: string };

/** A parameter's type in words. */
export function typeWords(type: ParameterType, trans: TranslationBundle): string {
  const words: Record<ParameterType, string> = {
    STRING: trans.__('text'),
    NUMBER_INTEGER: trans.__('whole number'),
    NUMBER_DOUBLE: trans.__('number'),
    BOOLEAN: trans.__('true or false'),
    LIST: trans.__('JSON list'),
    STRUCT: trans.__('JSON object')
  };
  return words[type];
}

const INTEGER = /^[+-]?\d+$/;
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The text that stands in a parameter's field for a JSON value; empty for `undefined` and `null`. */
export function parameterText(type: ParameterType, value: unknown): string {
  if (value === undefined || value === null) {
    return '';
  }
  switch (type) {
    case 'STRING':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'LIST':
    case 'STRUCT': {
      const line = JSON.stringify(value);
      return line.length > 60 ? JSON.stringify(value, null, 2) : line;
    }
    default:
      return String(value);
  }
}

/**
 * Reads the text of a parameter's field.
 *
 * Emphasis in an error is marked with asterisks: `Parameter *lr* must be a number, for example 0.01.`
 */
export function validateParameter(
  parameter: IParameter,
  text: string,
  trans: TranslationBundle
): ParameterResult {
  const { name, type } = parameter;
  const trimmed = text.trim();
  if (type === 'STRING' ? text === '' : trimmed === '') {
    return validateEmpty(parameter, trans);
  }
  switch (type) {
    case 'STRING':
      return { value: text };
    case 'NUMBER_INTEGER': {
      if (!INTEGER.test(trimmed)) {
        return { error: trans.__('Parameter *%1* must be a whole number, for example 10.', name) };
      }
      const value = Number(trimmed);
      if (Number.isSafeInteger(value)) {
        return { value };
      }
      // A default beyond the range was read inexactly; the pipeline still has the exact one.
      return text === parameterText(type, parameter.default)
        ? { value: undefined }
        : {
            error: trans.__(
              'Parameter *%1* must lie between -9007199254740991 and 9007199254740991.',
              name
            )
          };
    }
    case 'NUMBER_DOUBLE': {
      const value = Number(trimmed);
      return DOUBLE.test(trimmed) && Number.isFinite(value)
        ? { value }
        : { error: trans.__('Parameter *%1* must be a number, for example 0.01.', name) };
    }
    case 'BOOLEAN':
      return trimmed === 'true' || trimmed === 'false'
        ? { value: trimmed === 'true' }
        : { error: trans.__('Parameter *%1* must be true or false.', name) };
    case 'LIST': {
      const value = parseJson(trimmed);
      return Array.isArray(value)
        ? { value }
        : {
            error: trans.__('Parameter *%1* must be a JSON list, for example [1, "two"].', name)
          };
    }
    case 'STRUCT': {
      const value = parseJson(trimmed);
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? { value }
        : {
            error: trans.__('Parameter *%1* must be a JSON object, for example {"depth": 3}.', name)
          };
    }
  }
}

/** A run's name that says what ran when (local time): `digits-2026-11-20-0247`. */
export function defaultRunName(name: string, at: Date = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${name}-${date}-${two(at.getHours())}${two(at.getMinutes())}`;
}

/** An empty text is a value of its own only for a string; otherwise it leaves the parameter out. */
function validateEmpty(parameter: IParameter, trans: TranslationBundle): ParameterResult {
  if (
    parameter.type === 'STRING' &&
    parameter.default !== undefined &&
    parameter.default !== null
  ) {
    return { value: '' };
  }
  if (parameter.required) {
    return { error: trans.__('Parameter *%1* needs a value.', parameter.name) };
  }
  return { value: undefined };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
