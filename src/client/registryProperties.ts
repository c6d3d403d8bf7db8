/** Custom properties of Model Registry, and what its UI takes some of them for. */
import type { MetadataValue } from './generated/modelRegistry.v1alpha3';
import type { CustomProperties } from './registry';

/** A value as a custom property: of integers of up to nine digits, as the API allows, an `int`; of other numbers a `double`. */
export function propertyOf(value: string | number | boolean): MetadataValue {
  if (typeof value === 'string') {
    return { metadataType: 'MetadataStringValue', string_value: value };
  }
  if (typeof value === 'boolean') {
    return { metadataType: 'MetadataBoolValue', bool_value: value };
  }
  return Number.isInteger(value) && Math.abs(value) < 1e9
    ? { metadataType: 'MetadataIntValue', int_value: String(value) }
    : { metadataType: 'MetadataDoubleValue', double_value: value };
}

/** What a custom property holds; of a struct and of another protobuf message the Base64 text. */
export function valueOf(property: MetadataValue): string | number | boolean {
  switch (property.metadataType) {
    case 'MetadataStringValue':
      return property.string_value;
    case 'MetadataIntValue':
      return Number(property.int_value);
    case 'MetadataDoubleValue':
      return property.double_value;
    case 'MetadataBoolValue':
      return property.bool_value;
    case 'MetadataStructValue':
      return property.struct_value;
    case 'MetadataProtoValue':
      return property.proto_value;
  }
}

/** The property that makes its name a label in Model Registry's UI: an empty text. */
export const LABEL: MetadataValue = propertyOf('');

/** The labels among custom properties. */
export function labelsOf(properties: CustomProperties = {}): string[] {
  return Object.entries(properties)
    .filter(([, value]) => value.metadataType === LABEL.metadataType && valueOf(value) === '')
    .map(([name]) => name);
}

/** Whether a custom property is one that Model Registry's UI keeps for itself and does not show. */
export function isInternalProperty(name: string): boolean {
  return name === '_lastModified' || name.startsWith('_registeredFrom');
}
