import { status } from '../../testing/fakeKubernetes';
import {
  editable,
  fieldPath,
  parse,
  pathText,
  placeOf,
  serverProblems,
  toSortedText,
  withSystem
} from './yamlText';

const OBJECT = {
  status: { phase: 'Running' },
  spec: { b: 1, a: 2 },
  metadata: { name: 'one', uid: 'u', resourceVersion: '7', labels: { x: 'y' } },
  kind: 'Pod',
  apiVersion: 'v1'
};

it('leaves out what only the server writes, and puts it back', () => {
  const edited = editable(OBJECT);
  expect(Object.keys(edited)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  expect(edited['metadata']).toEqual({ name: 'one', labels: { x: 'y' } });
  expect(withSystem({ ...edited, spec: { a: 3 } }, OBJECT)).toEqual({ ...OBJECT, spec: { a: 3 } });
  expect(toSortedText(OBJECT)).toMatch(/spec:\n {2}a: 2\n {2}b: 1\n$/);
});

it.each([
  ['spec.tasks[0].name', ['spec', 'tasks', 0, 'name']],
  ['metadata.annotations[foo.bar/baz]', ['metadata', 'annotations', 'foo.bar/baz']],
  ['.spec.replicas', ['spec', 'replicas']],
  ['data["a.b"]', ['data', 'a.b']]
])('reads the field %s', (field, path) => {
  expect(fieldPath(field)).toEqual(path);
});

it('writes paths as the server does', () => {
  expect(pathText(['spec', 'tasks', 0, 'name'])).toBe('spec.tasks[0].name');
  expect(pathText(['metadata', 'annotations', 'a.b/c'])).toBe('metadata.annotations[a.b/c]');
});

it('finds the place of a field, or of the nearest one around it', () => {
  const text = 'spec:\n  parts:\n    - name: a\n    - name: b\n';
  const document = parse(text);
  const textAt = (path: (string | number)[]) => {
    const { from, to } = placeOf(document, path);
    return [text.slice(from, to), from];
  };
  expect(textAt(['spec', 'parts', 1, 'name'])).toEqual(['name', text.lastIndexOf('name')]);
  expect(textAt(['spec', 'missing', 'deep'])).toEqual(['spec', 0]);
});

it('takes problems from causes, or from the sentence of strict decoding', () => {
  const causes = [{ field: 'spec.a', reason: 'FieldValueInvalid', message: 'no' }];
  expect(serverProblems(status(422, 'Invalid', 'x is invalid', { causes }))).toEqual([
    { path: ['spec', 'a'], message: 'no' }
  ]);
  const sentence = 'strict decoding error: unknown field "spec.foo", duplicate field "spec.bar"';
  expect(serverProblems(status(400, 'BadRequest', sentence)).map(each => each.path)).toEqual([
    ['spec', 'foo'],
    ['spec', 'bar']
  ]);
});
