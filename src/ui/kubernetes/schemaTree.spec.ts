import type { IKindSchema } from '../../client/kubernetes/openApi';
import { check, fieldsAt, schemaAt, typeWords, valuesAt } from './schemaTree';

const kind: IKindSchema = {
  root: {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      spec: { description: 'What is wanted.', allOf: [{ $ref: '#/components/schemas/Spec' }] },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    }
  },
  schemas: {
    Spec: {
      type: 'object',
      description: 'Of the type.',
      required: ['image', 'port'],
      properties: {
        image: { type: 'string', description: 'Image to run.' },
        port: { 'x-kubernetes-int-or-string': true, default: 80 },
        policy: { type: 'string', enum: ['Always', 'Never'] },
        suspend: { type: 'boolean' },
        replicas: { type: 'integer' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } }
      }
    },
    Part: { type: 'object', properties: { name: { type: 'string' } } }
  }
};

it('follows references; what stands beside one comes first', () => {
  expect(schemaAt(kind, ['spec'])).toMatchObject({
    type: 'object',
    description: 'What is wanted.'
  });
  expect(schemaAt(kind, ['spec', 'parts', 3, 'name'])).toEqual({ type: 'string' });
  expect(schemaAt(kind, ['spec', 'labels', 'app'])).toEqual({ type: 'string' });
  expect(schemaAt(kind, ['nowhere', 'else'])).toBeUndefined();
});

it('offers fields, required ones first, and values', () => {
  expect(fieldsAt(kind, ['spec']).map(each => each.name)).toEqual([
    'image',
    'port',
    'labels',
    'parts',
    'policy',
    'replicas',
    'suspend'
  ]);
  expect(valuesAt(kind, ['spec', 'policy'])).toEqual(['Always', 'Never']);
  expect(valuesAt(kind, ['spec', 'suspend'])).toEqual(['true', 'false']);
  expect(valuesAt(kind, ['spec', 'image'])).toEqual([]);
});

it('names types', () => {
  const words = (path: string[]) => typeWords(schemaAt(kind, path) ?? {}, kind.schemas);
  expect(words(['spec', 'parts'])).toBe('list of objects');
  expect(words(['spec', 'port'])).toBe('integer or string');
  expect(words(['spec', 'image'])).toBe('string');
});

it('says what is wrong where', () => {
  const found = check(
    {
      apiVersion: 'v1',
      spec: {
        image: 3,
        policy: 'Sometimes',
        replicas: 1.5,
        labels: { app: 1 },
        parts: [{ name: 'a' }, { nam: 'b' }],
        extra: true
      },
      free: { anything: [1] }
    },
    kind
  );
  expect(found).toEqual([
    { path: ['spec', 'image'], message: 'This must be a string.' },
    { path: ['spec', 'policy'], message: 'This must be one of Always, Never.' },
    { path: ['spec', 'replicas'], message: 'This must be an integer.' },
    { path: ['spec', 'labels', 'app'], message: 'This must be a string.' },
    { path: ['spec', 'parts', 1, 'nam'], message: 'There is no field “nam” here.' },
    { path: ['spec', 'extra'], message: 'There is no field “extra” here.' }
  ]);
  expect(check({ spec: {} }, kind)).toEqual([
    { path: ['spec'], message: 'The field “image” is missing.' }
  ]);
});
