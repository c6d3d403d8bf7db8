/**
 * Local Kubeflow against a real control plane: the same requests, the same answers, but for the rows of
 * src/testing/comparison/differences.ts.
 */
import { randomUUID } from 'node:crypto';

import { until } from '../../../testing/contract';
import { casesOf } from '../../../testing/comparison/cases';
import { DIFFERENCES } from '../../../testing/comparison/differences';
import { essence, sender } from '../../../testing/comparison/exchange';
import type { IStep, Send } from '../../../testing/comparison/exchange';
import { apiVersionOf, COMPARED, placeOf, RUNTIME } from '../../../testing/comparison/kinds';
import { localServer, server } from '../../../testing/kubernetes';
import { list, object } from '../../../graph/wire';
import type { Json } from '../../../graph/wire';
import { namespaces, trainingRuntimes } from '..';

const mark = `compare-${randomUUID().slice(0, 8)}`;
const servers = [sender(server()), sender(localServer())] as const;
const used = new Set<number>();

beforeAll(async () => {
  const name = mark;
  for (const send of servers) {
    await send({ path: placeOf(namespaces, ''), body: { metadata: { name } } });
    for (const name of ['runtime', 'other']) {
      const made = await send({
        path: placeOf(trainingRuntimes, mark),
        body: {
          apiVersion: apiVersionOf(trainingRuntimes),
          kind: trainingRuntimes.kind,
          metadata: { name },
          spec: RUNTIME
        }
      });
      expect(made.status).toBe(201);
    }
  }
  // Pods wait for the namespace's service account.
  await until(
    () => servers[0]({ path: `/api/v1/namespaces/${mark}/serviceaccounts/default` }),
    ({ status }) => status === 200
  );
});

afterAll(async () => {
  for (const send of servers) {
    for (const { kind } of COMPARED.filter(({ kind }) => !kind.namespaced)) {
      const { body } = await send({ path: placeOf(kind, '') });
      for (const item of list(body.items).map(object)) {
        const name = String(object(item.metadata).name);
        if (name.startsWith(mark)) {
          await send({ method: 'DELETE', path: placeOf(kind, '', name) });
        }
      }
    }
    await send({ method: 'DELETE', path: placeOf(namespaces, '', mark) });
  }
});

/** What the last of the steps is answered with. */
async function answer(send: Send, steps: IStep[]): Promise<Record<string, unknown>> {
  let result: Record<string, unknown> = {};
  for (const step of steps) {
    result = essence(await send(step));
  }
  return result;
}

/** The differences that no row tells of: `path: real ≠ local`. */
function unexplained(
  plural: string,
  name: string,
  real: Record<string, unknown>,
  local: Record<string, unknown>
): string[] {
  const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  const refused = [real, local].filter(each => Number(each.answer) >= 400);
  // Where only one refuses, it is its words that count.
  const paths = new Set((refused.length === 1 ? refused : [real, local]).flatMap(Object.keys));
  return [...paths]
    .filter(path => show(real[path]) !== show(local[path]))
    .filter(path => {
      const rows = DIFFERENCES.flatMap(({ kinds, cases, paths }, index) =>
        (kinds?.includes(plural) ?? true) && (cases?.test(name) ?? true) && paths.test(path)
          ? [index]
          : []
      );
      rows.forEach(row => used.add(row));
      return rows.length === 0;
    })
    .map(path => `${path}: ${show(real[path])} ≠ ${show(local[path])}`);
}

describe.each(COMPARED)('$kind.kind', compared => {
  const { plural } = compared.kind;

  it.each(casesOf(compared, mark, mark))('$name', async ({ name, steps }) => {
    const [real, local] = await Promise.all(servers.map(send => answer(send, steps)));
    expect(unexplained(plural, name, real ?? {}, local ?? {})).toEqual([]);
  });

  it('is discovered as it is there', async () => {
    const { group, versions } = compared.kind;
    const path = group ? `/apis/${group}/${versions[0]}` : `/api/${versions[0]}`;
    const [real, local] = await Promise.all(
      servers.map(async send => {
        const { body } = await send({ path });
        const entries = list(body.resources)
          .map(object)
          .filter(({ name }) => String(name).split('/')[0] === plural)
          .map(({ name, storageVersionHash: _, ...entry }): [string, Json] => [
            String(name),
            { ...entry, verbs: list(entry.verbs).map(String).sort() }
          ]);
        return Object.fromEntries(entries);
      })
    );
    expect(unexplained(plural, 'discovery', real ?? {}, local ?? {})).toEqual([]);
  });

  it('has its schema in OpenAPI', async () => {
    const { group, versions, kind } = compared.kind;
    const path = `/openapi/v3/${group ? `apis/${group}` : 'api'}/${versions[0]}`;
    const [real, local] = await Promise.all(
      servers.map(async send => {
        const { status, body } = await send({ path });
        const schemas = object(object(body.components).schemas);
        const [name, schema] =
          Object.entries(schemas).find(([, schema]) =>
            list(object(schema)['x-kubernetes-group-version-kind'])
              .map(object)
              .some(each => each.kind === kind && String(each.group ?? '') === group)
          ) ?? [];
        return {
          status,
          name,
          fields: Object.keys(object(object(schema).properties)).sort(),
          required: list(object(schema).required).sort()
        };
      })
    );
    expect(unexplained(plural, 'openapi', { ...real }, { ...local })).toEqual([]);
  });
});

describe('the table of differences', () => {
  it('has no row that is none', () => {
    expect(DIFFERENCES.filter((_, index) => !used.has(index))).toEqual([]);
  });
});
