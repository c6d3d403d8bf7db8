/** One request to a Kubernetes API and what of its answer two servers are compared by. */
import { encodeQuery } from '../../client/http';
import type { Query } from '../../client/transport';
import { list, object } from '../../graph/wire';
import type { Json } from '../../graph/wire';
import { httpsFetch } from '../httpsFetch';
import type { IKubernetesServer } from '../kubernetes';

/** A request; what is left out is the usual. */
export interface IStep {
  /** POST where there is a body, else GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Query;
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown;
  /** `Content-Type`; `application/json` when left out. */
  type?: string;
  /** `Accept`; `application/json` when left out. */
  accept?: string;
}

/** Sends a request: status, warnings, and the body as JSON where it is some. */
export type Send = (step: IStep) => Promise<IAnswer>;

/** An answer. */
export interface IAnswer {
  status: number;
  warnings: string[];
  body: Json;
}

/** Sends requests to a server. */
export function sender({ url, token, ca }: IKubernetesServer): Send {
  const send = httpsFetch(ca);
  return async ({ path, query, body, type = 'application/json', accept, method }) => {
    const answer = await send(url + path + encodeQuery(query), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: accept ?? 'application/json',
        'User-Agent': 'comparison/1',
        ...(body === undefined ? {} : { 'Content-Type': type })
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    });
    const text = await answer.text();
    const said = answer.headers.get('warning') ?? '';
    return {
      status: answer.status,
      warnings: [...said.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, each]) => each ?? ''),
      body: parsed(text)
    };
  };
}

/**
 * What counts of an answer, as paths and values: of a refusal its status, reason, what it is about and the reason and field of each cause;
 * else the whole object without what differs between any two objects (uid, versions, times, managers).
 */
export function essence({ status, warnings, body }: IAnswer): Record<string, unknown> {
  const told = { answer: status, ...(warnings.length > 0 && { warnings: [...warnings].sort() }) };
  if (body.kind === 'Status' && body.status === 'Failure') {
    const { causes, ...details } = object(body.details);
    const fields = list(causes)
      .map(object)
      .map(({ field, reason }) => `${String(field)} ${String(reason)}`);
    return {
      ...told,
      reason: body.reason,
      ...leaves({ group: details.group, kind: details.kind }, 'details'),
      ...(fields.length > 0 && { fields: [...new Set(fields)].sort() })
    };
  }
  return { ...told, ...leaves(anonymous(body), '') };
}

/** What is different in any two objects, and the words that describe the columns of a table. */
const DIFFERENT = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'description'
]);

/** Without what is different in any two objects. */
function anonymous(body: Json): unknown {
  const row = object(list(body.rows)[0]);
  const { uid, name, generateName } = object((row.object ? object(row.object) : body).metadata);
  const text = JSON.stringify(body, (key, value: unknown) => {
    const age = typeof value === 'string' && /^\d+s$/.test(value);
    return DIFFERENT.has(key) ? undefined : age ? 'AGE' : value;
  });
  const given = { UID: uid, NAME: generateName ? name : undefined };
  return JSON.parse(
    Object.entries(given).reduce(
      (text, [word, value]) => (typeof value === 'string' ? text.replaceAll(value, word) : text),
      text
    )
  );
}

/** The paths and values of all that is not an object or a list; what is empty in Go's eyes, which servers write or leave out, is nothing. */
function leaves(value: unknown, path: string): Record<string, unknown> {
  if (value === undefined || value === null || value === '') {
    return {};
  }
  if (typeof value !== 'object') {
    return { [path]: value };
  }
  const at = (key: string) =>
    Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, each]) => leaves(each, at(key)))
  ) as Record<string, unknown>;
}

function parsed(text: string): Json {
  try {
    return object(JSON.parse(text));
  } catch {
    return { text };
  }
}
