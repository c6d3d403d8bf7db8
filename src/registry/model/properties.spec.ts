import type { CustomProperties } from '../../client/registry';
import { labelsOf, propertiesOf, retyped, typed } from './properties';

const CUSTOM: CustomProperties = {
  vision: { metadataType: 'MetadataStringValue', string_value: '' },
  accuracy: { metadataType: 'MetadataDoubleValue', double_value: 0.97 },
  steps: { metadataType: 'MetadataIntValue', int_value: '9007199254740993' },
  team: { metadataType: 'MetadataStringValue', string_value: 'fraud' },
  approved: { metadataType: 'MetadataBoolValue', bool_value: false },
  card: {
    metadataType: 'MetadataStructValue',
    struct_value: Buffer.from('{"ü":1}').toString('base64')
  },
  raw: { metadataType: 'MetadataProtoValue', type: 'x.Y', proto_value: 'AA==' },
  _lastModified: { metadataType: 'MetadataStringValue', string_value: '2026-01-01T00:00:00Z' },
  _registeredFromPipelineRunId: { metadataType: 'MetadataStringValue', string_value: 'r1' }
};

it('tells labels from properties and leaves out what user interfaces write for themselves', () => {
  expect(labelsOf(CUSTOM)).toEqual(['vision']);
  expect(propertiesOf(CUSTOM).map(({ name, type, text }) => [name, type, text])).toEqual([
    ['accuracy', 'number', '0.97'],
    ['approved', 'boolean', 'false'],
    ['card', 'json', '{"ü":1}'],
    ['raw', 'binary', 'x.Y'],
    ['steps', 'integer', '9007199254740993'],
    ['team', 'text', 'fraud']
  ]);
  expect([labelsOf(undefined), propertiesOf(undefined)]).toEqual([[], []]);
});

it.each([
  ['12', { metadataType: 'MetadataIntValue', int_value: '12' }],
  ['-3.50', { metadataType: 'MetadataDoubleValue', double_value: -3.5 }],
  ['007', { metadataType: 'MetadataStringValue', string_value: '007' }],
  [
    '9223372036854775808',
    { metadataType: 'MetadataStringValue', string_value: '9223372036854775808' }
  ],
  ['5000000000', { metadataType: 'MetadataDoubleValue', double_value: 5e9 }],
  ['1e-3', { metadataType: 'MetadataStringValue', string_value: '1e-3' }]
])('types %s as other clients read it', (text, value) => {
  expect(typed(text)).toEqual(value);
});

it('keeps the type of a value that is changed where the text allows it', () => {
  expect(retyped('text', '12')).toEqual({
    metadataType: 'MetadataStringValue',
    string_value: '12'
  });
  expect(retyped('number', '1')).toEqual({ metadataType: 'MetadataDoubleValue', double_value: 1 });
  expect(retyped('boolean', 'true')).toEqual({
    metadataType: 'MetadataBoolValue',
    bool_value: true
  });
  expect(retyped('boolean', 'maybe')).toEqual({
    metadataType: 'MetadataStringValue',
    string_value: 'maybe'
  });
});
