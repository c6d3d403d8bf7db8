/** A Kubernetes API in memory, as far as the shared parts ask it, behind the transport of the client. */
import { ApiError, unreachable } from '../client/errors';
import type { IKubernetesObject } from '../client/kubernetes/object';
import type { IServiceRequest, IStreamRequest, ITransport } from '../client/transport';

/** A `Status` as an `ApiError`. */
export function status(
  code: number,
  reason: string,
  message: string,
  details: unknown = {}
): ApiError {
  return new ApiError({ service: 'kubernetes', status: code, reason, message, details });
}

/** Lines of a log, or why there is none. The stream ends with them unless `follow` waits. */
export type FakeLog = (
  query: IStreamRequest['query'],
  signal?: AbortSignal
) => AsyncIterable<string>;

/** Objects by `PLURAL`, each with `metadata.uid`. */
export class FakeKubernetes implements ITransport {
  /** Requests that were made: `GET /api/v1/pods`. */
  readonly requests: string[] = [];
  /** Verbs that may not be used, as `list pods`. */
  readonly forbidden = new Set<string>();
  /** Answers a write in place of the server, by throwing. */
  onWrite?: (method: string, body: IKubernetesObject, dryRun: boolean) => void;
  readonly logs = new Map<string, FakeLog>();
  /** Whether nothing can be reached. */
  offline = false;

  constructor(private readonly objects: Record<string, IKubernetesObject[]> = {}) {}

  /** Adds or changes an object and tells who watches. */
  put(plural: string, object: IKubernetesObject): void {
    const all = (this.objects[plural] ??= []);
    const uid = object.metadata?.uid;
    const at = all.findIndex(each => each.metadata?.uid === uid);
    this.version += 1;
    const next = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.version) }
    };
    if (at < 0) {
      all.push(next);
    } else {
      all[at] = next;
    }
    this.tell(plural, { type: at < 0 ? 'ADDED' : 'MODIFIED', object: next });
  }

  /** Removes an object and tells who watches. */
  remove(plural: string, name: string): void {
    const all = this.objects[plural] ?? [];
    const at = all.findIndex(each => each.metadata?.name === name);
    const [object] = all.splice(at, 1);
    this.tell(plural, { type: 'DELETED', object });
  }

  async json<T>(_service: string, request: IServiceRequest): Promise<T> {
    const { method = 'GET', path, query = {} } = request;
    this.requests.push(`${method} ${path}`);
    await Promise.resolve();
    if (this.offline) {
      throw unreachable('kubernetes');
    }
    const body = typeof request.body === 'string' ? JSON.parse(request.body) : request.json;
    return this.answer(method, path, query, body) as T;
  }

  async response(): Promise<Response> {
    throw new Error('No view asks for this.');
  }

  async *stream(_service: string, request: IStreamRequest): AsyncGenerator<string> {
    const { path, query = {}, signal } = request;
    this.requests.push(`STREAM ${path}`);
    if (this.offline) {
      throw unreachable('kubernetes');
    }
    const [, pod] = /\/pods\/([^/]+)\/log$/.exec(path) ?? [];
    if (pod) {
      const log = this.logs.get(query['container'] ? `${pod}/${query['container']}` : pod);
      yield* log?.(query, signal) ?? [];
      return;
    }
    const plural = path.split('/').pop()!;
    if (this.forbidden.has(`watch ${plural}`)) {
      throw status(403, 'Forbidden', `${plural} is forbidden`, { kind: plural });
    }
    const waiting: string[] = [];
    let wake = () => undefined as void;
    const watcher = {
      plural,
      push: (line: string) => {
        waiting.push(line);
        wake();
      }
    };
    this.watchers.add(watcher);
    signal?.addEventListener('abort', () => wake());
    try {
      for (;;) {
        while (waiting.length > 0) {
          yield waiting.shift()!;
        }
        if (signal?.aborted || this.offline) {
          throw signal?.aborted ? signal.reason : unreachable('kubernetes');
        }
        await new Promise<void>(resolve => (wake = resolve));
      }
    } finally {
      this.watchers.delete(watcher);
    }
  }

  /** Breaks all streams. */
  disconnect(): void {
    this.offline = true;
    this.watchers.forEach(({ push }) => push('{"type":"BOOKMARK","object":{}}'));
  }

  private answer(
    method: string,
    path: string,
    query: NonNullable<IServiceRequest['query']>,
    body: unknown
  ): unknown {
    if (path.endsWith('/selfsubjectaccessreviews')) {
      const { verb, resource } = (body as { spec: { resourceAttributes: Record<string, string> } })
        .spec.resourceAttributes;
      return { status: { allowed: !this.forbidden.has(`${verb} ${resource}`) } };
    }
    if (path === '/openapi/v3') {
      return { paths: {} };
    }
    if (path === '/api' || path === '/apis') {
      const core = Object.keys(this.objects).filter(
        name => (name === 'jobs') === (path === '/apis')
      );
      return {
        kind: 'APIGroupDiscoveryList',
        items: [
          {
            metadata: { name: path === '/apis' ? 'batch' : '' },
            versions: [{ version: 'v1', resources: core.map(describe) }]
          }
        ]
      };
    }
    const [, , version, rest = ''] =
      /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
    if (!rest) {
      const resources = Object.keys(this.objects).map(name => ({ name, kind: name }));
      return { resources, version };
    }
    const parts = rest.split('/');
    const [plural = '', name] =
      parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts;
    const verb =
      { PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method] ?? (name ? 'get' : 'list');
    if (this.forbidden.has(`${verb} ${plural}`)) {
      throw status(403, 'Forbidden', `${plural} is forbidden`, { kind: plural });
    }
    const all = this.objects[plural] ?? [];
    if (!name && method === 'POST') {
      const sent = body as IKubernetesObject;
      const dryRun = query['dryRun'] === 'All';
      this.onWrite?.(method, sent, dryRun);
      if (!dryRun) {
        this.put(plural, { ...sent, metadata: { ...sent.metadata, uid: sent.metadata?.name } });
      }
      return sent;
    }
    if (!name) {
      const [, only] = /metadata\.name=(.*)/.exec(String(query['fieldSelector'] ?? '')) ?? [];
      const items = all.filter(each => !only || each.metadata?.name === only);
      return { metadata: { resourceVersion: String(this.version) }, items };
    }
    const object = all.find(each => each.metadata?.name === name);
    if (!object) {
      throw status(404, 'NotFound', `${plural} "${name}" not found`);
    }
    if (method === 'DELETE') {
      this.remove(plural, name);
      return {};
    }
    if (method === 'PATCH') {
      this.onWrite?.(method, body as IKubernetesObject, query['dryRun'] === 'All');
      this.put(plural, merged(object, body) as IKubernetesObject);
      return object;
    }
    if (method === 'PUT') {
      const sent = body as IKubernetesObject;
      const dryRun = query['dryRun'] === 'All';
      this.onWrite?.(method, sent, dryRun);
      if (sent.metadata?.resourceVersion !== object.metadata?.resourceVersion) {
        throw status(409, 'Conflict', 'the object has been modified');
      }
      if (!dryRun) {
        this.put(plural, sent);
      }
      return sent;
    }
    return object;
  }

  private tell(plural: string, event: unknown): void {
    for (const watcher of this.watchers) {
      if (watcher.plural === plural) {
        watcher.push(JSON.stringify(event));
      }
    }
  }

  private readonly watchers = new Set<{ plural: string; push: (line: string) => void }>();
  private version = 1;
}

/** A JSON merge patch (RFC 7386). */
function merged(value: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    return patch;
  }
  const result: Record<string, unknown> = { ...(value as object) };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) {
      delete result[key];
    } else {
      result[key] = merged(result[key], change);
    }
  }
  return result;
}

/** How aggregated discovery describes a kind of namespaced objects. */
function describe(resource: string): unknown {
  const kind = resource.charAt(0).toUpperCase() + resource.slice(1, -1);
  return { resource, responseKind: { kind }, scope: 'Namespaced', verbs: ['list', 'get'] };
}
