/**
 * Custom properties as people see them: labels and properties. Which is which, the types and the hidden ones are as in the Model Registry UI
 * (`kubeflow/hub`, `clients/ui`), so that both show the same.
 */
import type { CustomProperties, MetadataValue } from '../../client/registry';
import {
  isInternalProperty,
  LABEL,
  labelsOf as namesOf,
  propertyOf,
  valueOf
} from '../../client/registryProperties';

/** A property's type; only the first three can be edited, as `json` and `binary` are written by programs. */
export type PropertyType = 'text' | 'integer' | 'number' | 'boolean' | 'json' | 'binary';

/** A property that is no label. */
export interface IProperty {
  name: string;
  type: PropertyType;
  /** Its value as it is shown and typed. */
  text: string;
  /** Its number, where it is one. */
  number?: number;
}

/** The labels, by name: properties of texts that are empty. */
export function labelsOf(custom: CustomProperties | undefined): string[] {
  return namesOf(custom)
    .filter(name => !isInternalProperty(name))
    .sort(byName);
}

/** What is no label, by name. Read once of the same object: lists ask for it again and again. */
export function propertiesOf(custom: CustomProperties | undefined): readonly IProperty[] {
  if (!custom) {
    return [];
  }
  const properties =
    known.get(custom) ??
    Object.entries(custom)
      .filter(([name, value]) => !isLabel(value) && !isInternalProperty(name))
      .map(([name, value]) => ({ name, ...read(value) }))
      .sort((one, other) => byName(one.name, other.name));
  known.set(custom, properties);
  return properties;
}

const known = new WeakMap<CustomProperties, readonly IProperty[]>();

/**
 * What is typed as the wire has it: whole numbers and fractions as numbers, all else as text. Whole numbers of ten digits and more are
 * fractions to the wire: the package `model-registry` reads no model that has an integer of more than nine.
 */
export function typed(text: string): MetadataValue {
  const number = Number(text);
  if (/^-?(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(number)) {
    return propertyOf(number);
  }
  return /^-?\d+\.\d+$/.test(text)
    ? { metadataType: 'MetadataDoubleValue', double_value: number }
    : propertyOf(text);
}

/** A changed value keeps its type where the text allows it: `true` stays a truth value, and `3` in the place of a fraction one. */
export function retyped(type: PropertyType, text: string): MetadataValue {
  if (type === 'text') {
    return propertyOf(text);
  }
  if (type === 'boolean' && (text === 'true' || text === 'false')) {
    return propertyOf(text === 'true');
  }
  if (type === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) {
    return { metadataType: 'MetadataDoubleValue', double_value: Number(text) };
  }
  return typed(text);
}

/** Whether somebody may type it. */
export function isEditable({ type }: IProperty): boolean {
  return type !== 'json' && type !== 'binary';
}

function isLabel(value: MetadataValue): boolean {
  return value.metadataType === LABEL.metadataType && valueOf(value) === '';
}

function read(value: MetadataValue): Omit<IProperty, 'name'> {
  switch (value.metadataType) {
    case 'MetadataIntValue':
      return { type: 'integer', text: value.int_value, number: Number(value.int_value) };
    case 'MetadataDoubleValue':
      return { type: 'number', text: String(value.double_value), number: value.double_value };
    case 'MetadataBoolValue':
      return { type: 'boolean', text: String(value.bool_value) };
    case 'MetadataStructValue':
      return { type: 'json', text: decoded(value.struct_value) };
    case 'MetadataProtoValue':
      return { type: 'binary', text: value.type };
    default:
      return { type: 'text', text: value.string_value };
  }
}

/** A struct's JSON, which is sent in base64; as it is where it is none. */
function decoded(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
    const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    JSON.parse(json);
    return json;
  } catch {
    return text;
  }
}

const byName = (one: string, other: string) => one.localeCompare(other);
