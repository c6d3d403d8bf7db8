/** The requests by which two Kubernetes APIs are compared: for each kind the same ones, and those of `changes.ts`. */
import { object } from '../../graph/wire';
import type { Json } from '../../graph/wire';
import { UPDATES, VARIANTS } from './changes';
import type { IStep } from './exchange';
import { apiVersionOf, placeOf } from './kinds';
import type { IComparedKind } from './kinds';

/** Requests of which the last one's answers are compared. */
export interface ICase {
  name: string;
  steps: IStep[];
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const LONG = 'x'.repeat(64);

/** All cases of a kind in a namespace. `mark` makes the names of objects without a namespace its own. */
export function casesOf(compared: IComparedKind, namespace: string, mark: string): ICase[] {
  const { kind, body } = compared;
  const { plural } = kind;
  const place = placeOf(kind, namespace);
  let count = 0;
  /** A new object, changed. */
  const made = (changes: Json = {}): Json => {
    const whole = {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: { name: `${mark}-${count++}` },
      ...body
    };
    const about = plural === 'events' ? { involvedObject: { namespace } } : {};
    return object(merged(merged(whole, about), changes));
  };
  const at = (one: Json) => `${place}/${String(object(one.metadata).name)}`;
  const create = (changes: Json, query: IStep['query'] = {}): IStep[] => [
    { path: place, body: made(changes), query: { fieldValidation: 'Strict', ...query } }
  ];
  /** Makes an object; then `step` on it. */
  const then = (step: (one: Json, path: string) => IStep, changes: Json = {}): IStep[] => {
    const one = made(changes);
    return [{ path: place, body: one }, step(one, at(one))];
  };
  const patched = (patch: unknown, type = MERGE, query: IStep['query'] = {}) =>
    then((_, path) => ({ method: 'PATCH', path, body: patch, type, query }));
  const named = (cases: Record<string, Json>, prefix: string, steps: (changes: Json) => IStep[]) =>
    Object.entries(cases).map(([name, changes]) => ({
      name: `${prefix} ${name}`,
      steps: steps(changes)
    }));
  const meta = (metadata: Json): Json => ({ metadata });
  const unknown = object(merged(body, { spec: { colour: 'red' }, colour: 'red' }));

  return [
    { name: 'create', steps: create({}) },
    { name: 'create, dry run', steps: create({}, { dryRun: 'All' }) },
    { name: 'get', steps: then((_, path) => ({ path })) },
    { name: 'get what is not there', steps: [{ path: `${place}/nothing` }] },
    { name: 'get as a table', steps: then((_, path) => ({ path, accept: TABLE })) },
    {
      name: 'create what is there',
      steps: then(one => ({ path: place, body: one }))
    },
    ...named(
      {
        'a malformed name': meta({ name: 'Not_Valid' }),
        'too long a name': meta({ name: 'x'.repeat(254) }),
        'no name': meta({ name: null }),
        'an empty name': meta({ name: '' }),
        'a beginning of a name': meta({ name: null, generateName: 'not.' }),
        'a bad beginning of a name': meta({ name: null, generateName: 'Not_' }),
        'a number for a name': meta({ name: 1 }),
        'a bad label': meta({ labels: { a: 'not valid' } }),
        'too long a label': meta({ labels: { a: LONG } }),
        'a bad key of a label': meta({ labels: { 'not valid': 'a' } }),
        'a bad prefix of a label': meta({ labels: { 'Not_Valid/a': 'a' } }),
        'a number for a label': meta({ labels: { a: 1 } }),
        'a bad key of an annotation': meta({ annotations: { 'not valid': 'a' } }),
        'a number for an annotation': meta({ annotations: { a: 1 } }),
        'a list for labels': meta({ labels: ['a'] }),
        'a bad finalizer': meta({ finalizers: ['not valid'] }),
        'an owner without a uid': meta({
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'one' }]
        }),
        'an unknown field of metadata': meta({ colour: 'red' }),
        'a uid and a version': meta({ uid: 'x', resourceVersion: '1' }),
        'another kind': { kind: 'Other' },
        'another version': { apiVersion: 'example.com/v1' },
        'no kind': { kind: null },
        'text for a spec': { spec: 'text' },
        'text for metadata': { metadata: 'text' }
      },
      'create with',
      create
    ),
    ...(kind.namespaced
      ? [{ name: 'create with another namespace', steps: create(meta({ namespace: 'other' })) }]
      : []),
    ...['Strict', 'Warn', 'Ignore', 'Sometimes'].map(fieldValidation => ({
      name: `create with unknown fields, ${fieldValidation}`,
      steps: create(unknown, { fieldValidation })
    })),
    {
      name: 'create with a field twice',
      steps: [
        {
          path: place,
          query: { fieldValidation: 'Strict' },
          body: `{"kind":"x",${JSON.stringify(made()).slice(1)}`
        }
      ]
    },
    { name: 'create by no JSON', steps: [{ path: place, body: '{"kind":' }] },
    { name: 'create by nothing', steps: [{ method: 'POST', path: place }] },
    { name: 'create by a list', steps: [{ path: place, body: [] }] },
    {
      name: 'create by an unknown type',
      steps: [{ path: place, body: made(), type: 'text/css' }]
    },
    { name: 'create with an unknown dry run', steps: create({}, { dryRun: 'Some' }) },
    ...named(VARIANTS[plural] ?? {}, 'create', create),

    {
      name: 'replace without a version',
      steps: then((one, path) => ({ method: 'PUT', path, body: one }))
    },
    {
      name: 'replace an older version',
      steps: then((one, path) => ({
        method: 'PUT',
        path,
        body: merged(one, meta({ resourceVersion: '1' }))
      }))
    },
    {
      name: 'replace under another name',
      steps: then((one, path) => ({
        method: 'PUT',
        path,
        body: merged(one, meta({ name: 'other' }))
      }))
    },
    {
      name: 'replace what is not there',
      steps: [
        {
          method: 'PUT',
          path: `${place}/nothing`,
          body: made(meta({ name: 'nothing', resourceVersion: '1' }))
        }
      ]
    },
    ...named(UPDATES[plural] ?? {}, 'update to', changes => patched(changes)),
    { name: 'update to a bad label', steps: patched(meta({ labels: { a: 'not valid' } })) },
    { name: 'update to a label', steps: patched(meta({ labels: { a: 'b' } })) },
    { name: 'update to no labels', steps: patched(meta({ labels: {} })) },
    { name: 'update to another name', steps: patched(meta({ name: 'other' })) },
    { name: 'update to another uid', steps: patched(meta({ uid: 'x' })) },
    { name: 'update to another version', steps: patched(meta({ resourceVersion: '1' })) },
    {
      name: 'update, dry run',
      steps: patched(meta({ labels: { a: 'b' } }), MERGE, { dryRun: 'All' })
    },
    {
      name: 'update to unknown fields',
      steps: patched({ colour: 'red' }, MERGE, { fieldValidation: 'Strict' })
    },
    {
      name: 'update by no changes',
      steps: patched({})
    },
    { name: 'patch by a list', steps: patched([], MERGE) },
    { name: 'patch by an unknown type', steps: patched({}, 'application/json') },
    {
      name: 'patch by operations',
      steps: patched([{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }], JSON_PATCH)
    },
    {
      name: 'patch by an operation that does not fit',
      steps: patched([{ op: 'remove', path: '/metadata/annotations/none' }], JSON_PATCH)
    },
    {
      name: 'patch by an unknown operation',
      steps: patched([{ op: 'invent', path: '/metadata' }], JSON_PATCH)
    },
    { name: 'patch by no operations', steps: patched({}, JSON_PATCH) },
    { name: 'patch strategically', steps: patched(meta({ labels: { a: 'b' } }), STRATEGIC) },
    {
      name: 'patch what is not there',
      steps: [{ method: 'PATCH', path: `${place}/nothing`, body: {}, type: MERGE }]
    },
    {
      name: 'patch the status of what is not there',
      steps: [{ method: 'PATCH', path: `${place}/nothing/status`, body: {}, type: MERGE }]
    },
    {
      name: 'apply',
      steps: ((one: Json) => [
        { method: 'PATCH', path: at(one), body: one, type: APPLY, query: { fieldManager: 'one' } }
      ])(made()) as IStep[]
    },
    {
      name: 'apply without a manager',
      steps: ((one: Json) => [{ method: 'PATCH', path: at(one), body: one, type: APPLY }])(
        made()
      ) as IStep[]
    },
    {
      name: 'apply another value than the other manager’s',
      steps: patched({ ...made(), metadata: { labels: { a: 'c' } } }, APPLY, {
        fieldManager: 'two'
      }).flatMap((step, index) =>
        index === 0
          ? [{ ...step, body: merged(object(step.body), meta({ labels: { a: 'b' } })) }]
          : [step]
      )
    },
    {
      name: 'apply an unknown field',
      steps: ((one: Json) => [
        { method: 'PATCH', path: at(one), body: one, type: APPLY, query: { fieldManager: 'one' } }
      ])(made({ colour: 'red' })) as IStep[]
    },
    {
      name: 'delete',
      steps: then((_, path) => ({ method: 'DELETE', path, query: { gracePeriodSeconds: 0 } }))
    },
    {
      name: 'delete another one',
      steps: then((_, path) => ({
        method: 'DELETE',
        path,
        body: { preconditions: { uid: 'another' } }
      }))
    },
    {
      name: 'delete another version',
      steps: then((_, path) => ({
        method: 'DELETE',
        path,
        body: { preconditions: { resourceVersion: '1' } }
      }))
    },
    { name: 'delete what is not there', steps: [{ method: 'DELETE', path: `${place}/nothing` }] },
    {
      name: 'delete by an unknown policy',
      steps: then((_, path) => ({ method: 'DELETE', path, query: { propagationPolicy: 'None' } }))
    },
    {
      name: 'list as a table',
      steps: [{ path: place, accept: TABLE, query: { labelSelector: 'a=none' } }]
    },
    { name: 'list by a bad label', steps: [{ path: place, query: { labelSelector: 'a=b=c' } }] },
    {
      name: 'list by a bad field',
      steps: [{ path: place, query: { fieldSelector: 'colour=red' } }]
    },
    { name: 'list by a bad page', steps: [{ path: place, query: { continue: 'none' } }] },
    { name: 'list by a bad size', steps: [{ path: place, query: { limit: 'some' } }] },
    {
      name: 'list by a version to come',
      steps: [{ path: place, query: { resourceVersion: '99999999999' } }]
    },
    {
      name: 'watch from a bad version',
      steps: [{ path: place, query: { watch: true, resourceVersion: 'none', timeoutSeconds: 1 } }]
    },
    { name: 'a subresource that there is not', steps: [{ path: `${place}/nothing/colour` }] },
    {
      name: 'a method that there is not',
      steps: [{ method: 'PUT', path: place, body: made() }]
    }
  ];
}

/** RFC 7386: `null` drops a field. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    return patch;
  }
  const result = { ...object(target) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete result[key];
    } else {
      result[key] = merged(result[key], value);
    }
  }
  return result;
}
