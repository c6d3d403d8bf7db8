import { parse } from './yamlText';
import { syntaxProblems } from './yamlWords';

it.each([
  ['a: 1\n---\nb: 2\n', '---', 'There is more than one object in this text.'],
  ['s:\n  - a: 1\n    a: 2\n', 'a: 2', '“a” stands here twice.'],
  ['a: b: c\n', 'b: c', 'There is a second “:” in this line.'],
  ['a: 1\n  b: 2\n', '1\n  b', 'the line below is indented as if it belonged to it.'],
  ['a:\n  c: 1\n  - b\n', '  - b', 'This list entry does not belong here'],
  ['a:\n  - 1\n - 2\n', ' - 2', 'This list entry does not belong here'],
  ['a: - b\n', '- b', 'A list begins on a line of its own'],
  ['a:\n\tb: 1\n', '\tb', 'with spaces here, not with tabs.'],
  ['a:\n  b: 1\n c: 2\n', ' c: 2', 'This line is not in the column'],
  ['  a: 1\nb: 2\n', 'b: 2', 'This line is not in the column'],
  ['a: 1\nname\nc: 2\n', 'name', 'There is no “:” after “name”.'],
  ['name\nb: 1\n', 'name', 'There is no “:” after “name”.'],
  ['a: "x\nb: 1\n', '', 'The closing " of a text is missing.'],
  ["a: 'x\n", '', "The closing ' of a text is missing."],
  ['a: {x: 1\nb: 2\n', 'b: 2', 'The closing “}” is missing'],
  ['[a\n', '', 'The closing “]” is missing.'],
  ['a: ["a" "b"]\n', '"b"', 'A “,” is missing before this.'],
  ['a: [1,,2]\n', ',2', 'There is a “,” too many.'],
  ['a: }\n', '}', 'This “}” closes nothing.'],
  ['a: "x"#c\n', '#c', 'A space is missing before “#”.'],
  ['a: "x" y\n', 'y', 'Put the whole text in quotes'],
  ['a: |x\n  b\n', 'x\n', 'begins on the next line.'],
  ['a: @x\n', '@x', 'A text cannot begin with “@”.'],
  ['a: "\\d"\n', '\\d', '“\\d” has no meaning between double quotes.'],
  ['a: *.csv\n', '*.csv', 'A word that begins with “*”']
])('says in words what is wrong with %j, where it is', (text, place, words) => {
  const [problem, ...more] = syntaxProblems(text, parse(text));
  expect(more).toEqual([]);
  expect(problem!.message).toContain(words);
  expect(text.slice(problem!.from).startsWith(place)).toBe(true);
});

it('leaves the parser its words where nothing better is known, without the place', () => {
  const text = 'a: &x &y 1\n';
  expect(syntaxProblems(text, parse(text))).toEqual([
    { path: [], from: 6, message: 'A node can have at most one anchor.' }
  ]);
});

it('finds nothing in YAML, with marks that are there', () => {
  const text = 'a: &x 1\nb: *x\n';
  expect(syntaxProblems(text, parse(text))).toEqual([]);
});
