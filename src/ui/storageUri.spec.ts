import { readFileSync } from 'node:fs';

import { fileUri, isUriProblem, storageUri } from './storageUri';

interface ICase {
  given: string;
  [key: string]: unknown;
}

/** What the server's rules are held to as well: `jupyter_extension/tests/models/test_models_uri.py`. */
const CASES: ICase[] = JSON.parse(readFileSync('jupyter_extension/tests/models/uris.json', 'utf8'));

it.each(CASES)('reads $given', ({ given, ...expected }) => {
  const found = storageUri(given);
  expect(found).toEqual(expected);
  expect(isUriProblem(found)).toBe('message' in expected);
});

it('writes an accepted URI so that it means the same when it is read again', () => {
  for (const { given } of CASES) {
    const found = storageUri(given);
    if (!isUriProblem(found)) {
      expect(storageUri(found.uri)).toEqual(found);
    }
  }
});

it('encodes of a path only what a URI cannot hold', () => {
  expect(fileUri('/home/me/my 50%?#.onnx')).toBe('file:///home/me/my 50%25%3F%23.onnx');
});
