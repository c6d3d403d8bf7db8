import { nullTranslator } from '@jupyterlab/translation';

import { ApiError } from '../../client/errors';
import type { IRegistryClient } from '../../client/registry';
import { afterVersions } from './dialog';
import { checkDraft, draftOf, type IDraft } from './draft';
import { type IRegistration, ModelArchived, register, VersionExists } from './register';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const SEED = {
  path: 'models/digits.joblib',
  source: { kind: 'trial', name: 'tune-7', namespace: 'team-a', id: 'u7' },
  properties: { accuracy: '0.97', note: '' }
} as const;

function draft(change: Partial<IDraft> = {}): IDraft {
  return {
    ...draftOf(SEED, 'Ana'),
    version: 'v1',
    uri: '/models/digits.joblib',
    formatName: 'sklearn',
    ...change
  };
}

it('begins with the name of the file', () => {
  expect(draftOf(SEED, 'Ana')).toMatchObject({ model: 'digits', author: 'Ana', uri: '' });
  expect(draftOf({ model: 'fraud' }, '').model).toBe('fraud');
});

it('registers what is typed, found out, and known of where it came from', () => {
  const { problems, registration } = checkDraft(
    draft({
      labels: 'vision, prod',
      sha256: 'abc',
      inspection: {
        name: 'digits.joblib',
        uri: 'file:///models/digits.joblib',
        folder: false,
        files: 1,
        size: 1234,
        framework: { name: 'scikit-learn', version: '1.9' },
        unsafe: { reason: 'It can run code.', names: [], suspicious: [] },
        details: {},
        notes: []
      }
    }),
    SEED,
    trans
  );
  expect(problems).toEqual({});
  expect(registration).toMatchObject({
    model: 'digits',
    version: 'v1',
    author: 'Ana',
    labels: ['vision', 'prod'],
    properties: {
      accuracy: { double_value: 0.97 },
      size: { int_value: '1234' },
      sha256: { string_value: 'abc' },
      framework: { string_value: 'scikit-learn 1.9' },
      unsafe: { string_value: 'It can run code.' }
    },
    artifact: {
      uri: 'file:///models/digits.joblib',
      modelFormatName: 'sklearn',
      modelSourceKind: 'katib',
      modelSourceClass: 'trial',
      modelSourceGroup: 'team-a',
      modelSourceId: 'u7',
      modelSourceName: 'tune-7'
    }
  });
  expect(registration?.properties).not.toHaveProperty('note');
});

it.each([
  [{ model: ' ' }, 'model', 'Give the model a name'],
  [{ version: '' }, 'version', 'Give the version a name'],
  [{ model: 'x'.repeat(129) }, 'model', 'at most 128'],
  [{ uri: 'minio://b/k' }, 'uri', 's3://'],
  [{ uri: '' }, 'uri', 'Give the URI'],
  [{ formatName: '', formatVersion: '1' }, 'formatName', 'Say which format']
] as const)('says at the field what is wrong: %j', (change, field, words) => {
  const { problems, registration } = checkDraft(draft(change), {}, trans);
  expect(problems[field]).toContain(words);
  expect(registration).toBeUndefined();
});

it.each([
  [[], 'v1'],
  [['v2', 'v1'], 'v3'],
  [['1.0.9'], '1.0.10'],
  [['release'], 'v1'],
  [['v2', 'v3'], 'v4']
])('proposes the version after %j', (names, next) => {
  expect(afterVersions(names)).toBe(next);
});

/** A registry of one model with one version, of which steps can be made to fail. */
function registry(there: { model?: object; version?: object; artifacts?: object[] } = {}) {
  const made: string[] = [];
  let failing = '';
  const make = (what: string) => async (object: object) => {
    if (failing === what) {
      failing = '';
      throw new ApiError({ service: 'registry', status: 503, reason: 'x', message: 'away' });
    }
    made.push(what);
    const whole = { id: what, ...object };
    (there as Record<string, unknown>)[what] = whole;
    return whole;
  };
  const client = {
    registeredModels: {
      find: async () => there.model,
      create: make('model'),
      changeProperties: async () => there.model
    },
    modelVersions: { find: async () => there.version },
    versionsOf: () => ({ create: make('version') }),
    artifactsOf: () => ({
      list: async () => ({ items: there.artifacts ?? [] }),
      create: make('artifact')
    })
  } as unknown as IRegistryClient;
  return { client, made, fail: (what: string) => void (failing = what) };
}

const REGISTRATION: IRegistration = {
  model: 'digits',
  version: 'v1',
  description: '',
  author: '',
  labels: [],
  properties: {},
  artifact: { uri: 's3://b/k' }
};

it('goes on where an earlier try has ended', async () => {
  const { client, made, fail } = registry();
  fail('artifact');
  await expect(register(client, REGISTRATION)).rejects.toThrow('away');
  expect(made).toEqual(['model', 'version']);
  await register(client, REGISTRATION);
  expect(made).toEqual(['model', 'version', 'artifact']);
});

it('adds nothing to a version that has its files, and to a model in the archive', async () => {
  const full = registry({
    model: { id: '1' },
    version: { id: '2' },
    artifacts: [{ artifactType: 'model-artifact' }]
  });
  await expect(register(full.client, REGISTRATION)).rejects.toBeInstanceOf(VersionExists);
  const archived = registry({ model: { id: '1', state: 'ARCHIVED' } });
  await expect(register(archived.client, REGISTRATION)).rejects.toBeInstanceOf(ModelArchived);
  expect([...full.made, ...archived.made]).toEqual([]);
});
