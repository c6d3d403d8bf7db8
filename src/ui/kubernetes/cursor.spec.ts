import { cursorAt, keyAt } from './cursor';

/** The text without its `|`, and where that stood. */
function at(marked: string) {
  const offset = marked.indexOf('|');
  return [marked.replace('|', ''), offset] as const;
}

it.each([
  ['a key of the object', 'apiVersion: v1\nki|', [], 'key', 'ki'],
  ['a key below another', 'spec:\n  tr|', ['spec'], 'key', 'tr'],
  ['a value', 'spec:\n  suspend: t|', ['spec', 'suspend'], 'value', 't'],
  [
    'a key of an item of a list',
    'spec:\n  containers:\n    - name: a\n      im|',
    ['spec', 'containers', 0],
    'key',
    'im'
  ],
  [
    'the first key of an item',
    'spec:\n  containers:\n    - na|',
    ['spec', 'containers', 0],
    'key',
    'na'
  ],
  [
    'a second item',
    'spec:\n  containers:\n    - name: a\n    - na|',
    ['spec', 'containers', 1],
    'key',
    'na'
  ],
  [
    'a list at the column of its key',
    'containers:\n- name: a\n  env:\n  - na|',
    ['containers', 0, 'env', 0],
    'key',
    'na'
  ],
  ['a key after a deeper map', 'spec:\n  a:\n    b: 1\n  c|', ['spec'], 'key', 'c'],
  ['a key after a list', 'spec:\n  a:\n    - b: 1\n  c|', ['spec'], 'key', 'c'],
  ['an empty line', 'spec:\n  a: 1\n  |', ['spec'], 'key', ''],
  ['a key below comments and blank lines', 'spec:\n\n  # more\n  a|', ['spec'], 'key', 'a']
] as const)('knows that %s is typed', (_, marked, path, typing, text) => {
  expect(cursorAt(...at(marked))).toMatchObject({ path, typing, text });
});

it.each(['# com|', 'a: "quo|', 'a: {b: |', 'a: b c|'])('says nothing within %s', marked => {
  expect(cursorAt(...at(marked))).toBeUndefined();
});

it('finds the key under the pointer', () => {
  const text = 'spec:\n  containers:\n    - image: python\n';
  const from = text.indexOf('image');
  expect(keyAt(text, from + 2)).toEqual({
    path: ['spec', 'containers', 0, 'image'],
    from,
    to: from + 5
  });
  expect(keyAt(text, text.indexOf('python') + 2)).toBeUndefined();
});
