/**
 * Reading and writing objects of one kind, as the Kubernetes API documents it (API concepts, Kubernetes 1.34). Every failure is an
 * `ApiError` with the `Status` of the server in `details`.
 */
import { ApiError } from '../errors';
import { pathOf } from '../http';
import type { IServiceRequest, ITransport, Query } from '../transport';
import type { Discovery } from './discovery';
import type { IKind } from './kind';
import type { IKubernetesObject } from './object';
import { watchEvents } from './watch';
import type { WatchEvent } from './watch';

const SERVICE = 'kubernetes';
const DEFAULT_PAGE = 500;

/** Which objects. `namespace` is left out for all namespaces, and for kinds that have none. */
export interface ISelection {
  namespace?: string;
  /** For example `app=web,tier!=cache`. */
  labelSelector?: string;
  /** For example `metadata.name=one`. */
  fieldSelector?: string;
}

/** Where one object is. */
export interface IName {
  name: string;
  namespace?: string;
}

/** How a page of a list is asked for. */
export interface IListOptions extends ISelection {
  /** Objects a page; 500 when left out, all for 0. */
  limit?: number;
  /** From the page before. */
  continueToken?: string;
  signal?: AbortSignal;
}

/** One page of a list. */
export interface IPageOf<T> {
  items: T[];
  /** Where a watch goes on from. */
  resourceVersion: string;
  continueToken?: string;
  /** How many follow, where the server says it. */
  remaining?: number;
}

/** How something is written. */
export interface IWriteOptions {
  /** Whether the server only says what would become of it. */
  dryRun?: boolean;
  /** Who writes, for `managedFields`. */
  fieldManager?: string;
  /** Writes a subresource instead of the object. */
  subresource?: 'status' | 'scale';
  signal?: AbortSignal;
}

/** A patch and its kind. Strategic ones are for kinds of Kubernetes' own: custom resources answer 415. */
export type Patch =
  | { type: 'merge'; body: unknown }
  | { type: 'json'; body: readonly IJsonPatchOperation[] }
  | { type: 'strategic'; body: unknown };

/** An operation of RFC 6902. */
export interface IJsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}

/** How something is deleted. */
export interface IDeleteOptions {
  /** What becomes of the objects that it owns. */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  /** Deletes only just this object, in just this version. */
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
  signal?: AbortSignal;
}

const PATCHES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json'
};

/** The objects of one kind. */
export class ResourceClient<T extends IKubernetesObject> {
  constructor(
    readonly kind: IKind<T>,
    private readonly _transport: ITransport,
    private readonly _discovery: Discovery
  ) {}

  /** One page of the objects. */
  async page(options: IListOptions = {}): Promise<IPageOf<T>> {
    const { limit = DEFAULT_PAGE, continueToken, signal, ...selection } = options;
    const list = await this._send<IList<T>>({
      path: await this._path(selection),
      query: { ...query(selection), limit, continue: continueToken },
      signal
    });
    const apiVersion = list.apiVersion;
    return {
      // A list leaves out what all of its items have in common.
      items: (list.items ?? []).map(item => ({ apiVersion, kind: this.kind.kind, ...item })),
      resourceVersion: list.metadata?.resourceVersion ?? '',
      continueToken: list.metadata?.continue || undefined,
      remaining: list.metadata?.remainingItemCount
    };
  }

  /** All objects, page by page. */
  async *pages(options: IListOptions = {}): AsyncGenerator<IPageOf<T>> {
    let continueToken = options.continueToken;
    do {
      const page = await this.page({ ...options, continueToken });
      yield page;
      continueToken = page.continueToken;
    } while (continueToken);
  }

  /** All objects of one moment, or, where its pages can no longer be had (410), of now. */
  async list(options: IListOptions = {}): Promise<T[]> {
    const items: T[] = [];
    try {
      for await (const page of this.pages(options)) {
        items.push(...page.items);
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 410)) {
        throw error;
      }
      return (await this.page({ ...options, continueToken: undefined, limit: 0 })).items;
    }
    return items;
  }

  /** One object. */
  async get(name: IName, signal?: AbortSignal): Promise<T> {
    return this._send<T>({ path: await this._path(name, this._named(name)), signal });
  }

  /** What an object's subresource answers. */
  async subresource<R>(
    name: IName,
    subresource: string,
    options: { query?: Query; signal?: AbortSignal } = {}
  ): Promise<R> {
    return this._send<R>({
      path: await this._path(name, this._named(name), subresource),
      ...options
    });
  }

  /** Creates an object; its `metadata` names it, or gives a `generateName`. */
  async create(object: T, options: IWriteOptions = {}): Promise<T> {
    return this._write('POST', object, undefined, options);
  }

  /** Replaces an object; 409 when it has changed since its `resourceVersion`. */
  async replace(object: T, options: IWriteOptions = {}): Promise<T> {
    return this._write('PUT', object, this._named(object.metadata), options);
  }

  /** Patches an object. */
  async patch(name: IName, patch: Patch, options: IWriteOptions = {}): Promise<T> {
    return this._send<T>({
      method: 'PATCH',
      path: await this._path(name, this._named(name), options.subresource),
      query: writing(options),
      headers: { 'Content-Type': PATCHES[patch.type] },
      body: JSON.stringify(patch.body),
      signal: options.signal
    });
  }

  /**
   * Server-side apply: the object holds what `fieldManager` wants, and nothing else. With `force` it takes over fields of other managers;
   * without it that is a 409 that names them.
   */
  async apply(
    object: T,
    options: IWriteOptions & { fieldManager: string; force?: boolean }
  ): Promise<T> {
    const apiVersion = await this.apiVersion();
    const namespace = object.metadata?.namespace;
    return this._send<T>({
      method: 'PATCH',
      path: await this._path({ namespace }, this._named(object.metadata), options.subresource),
      query: { ...writing(options), force: options.force },
      headers: { 'Content-Type': 'application/apply-patch+yaml' },
      body: JSON.stringify({ apiVersion, kind: this.kind.kind, ...object }),
      signal: options.signal
    });
  }

  /** Deletes an object. Resolves when the server has taken the request: what has finalizers stays for a while. */
  async delete(name: IName, options: IDeleteOptions = {}): Promise<void> {
    await this._delete(await this._path(name, this._named(name)), {}, options);
  }

  /** Deletes all objects of a selection. */
  async deleteAll(selection: ISelection, options: IDeleteOptions = {}): Promise<void> {
    await this._delete(await this._path(selection), query(selection), options);
  }

  /**
   * What changes, from `resourceVersion` on (of a page, or of the last event); bookmarks tell how far it has come without a change.
   * `onOpen` is called when the server has begun to answer. `timeoutSeconds`: when the server is to end it, by its own choice when left out.
   *
   * Ends when the server ends it, at the latest after `timeoutSeconds`. Throws an `ApiError` of status 410 when the version is too old.
   */
  async *watch(
    options: ISelection & {
      resourceVersion: string;
      timeoutSeconds?: number;
      signal?: AbortSignal;
      onOpen?: () => void;
    }
  ): AsyncGenerator<WatchEvent<T>> {
    const { resourceVersion, timeoutSeconds, signal, onOpen, ...selection } = options;
    const lines = this._transport.stream(SERVICE, {
      path: await this._path(selection),
      query: {
        ...query(selection),
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion,
        timeoutSeconds
      },
      format: 'ndjson',
      signal,
      onOpen
    });
    yield* watchEvents<T>(lines);
  }

  /** `GROUP/VERSION` of the objects, as the server serves them. */
  async apiVersion(): Promise<string> {
    const version = await this._discovery.version(this.kind);
    return this.kind.group ? `${this.kind.group}/${version}` : version;
  }

  private async _write(
    method: 'POST' | 'PUT',
    object: T,
    name: string | undefined,
    options: IWriteOptions
  ): Promise<T> {
    const apiVersion = await this.apiVersion();
    return this._send<T>({
      method,
      path: await this._path({ namespace: object.metadata?.namespace }, name, options.subresource),
      query: writing(options),
      json: { apiVersion, kind: this.kind.kind, ...object },
      signal: options.signal
    });
  }

  private async _delete(path: string, selected: Query, options: IDeleteOptions): Promise<void> {
    const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun, signal } = options;
    await this._send({
      method: 'DELETE',
      path,
      query: selected,
      json: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy,
        gracePeriodSeconds,
        preconditions,
        dryRun: dryRun ? ['All'] : undefined
      },
      signal
    });
  }

  /** The name, without which a request would be about all objects. */
  private _named(object: { name?: string } | undefined): string {
    if (!object?.name) {
      throw new ApiError({
        service: SERVICE,
        status: 422,
        reason: 'Invalid',
        message: `The name of the ${this.kind.kind} is missing. Give metadata.name.`,
        details: { causes: [{ field: 'metadata.name', reason: 'FieldValueRequired' }] }
      });
    }
    return object.name;
  }

  private _send<R>(request: IServiceRequest): Promise<R> {
    return this._transport.json<R>(SERVICE, request);
  }

  private async _path(
    where: { namespace?: string },
    name?: string,
    subresource?: string
  ): Promise<string> {
    const { group, plural, namespaced } = this.kind;
    const version = await this._discovery.version(this.kind);
    const segments = group ? ['apis', group, version] : ['api', version];
    if (namespaced && where.namespace) {
      segments.push('namespaces', where.namespace);
    }
    return pathOf(...segments, plural, ...[name, subresource].filter(each => each !== undefined));
  }
}

interface IList<T> {
  apiVersion?: string;
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items?: T[];
}

function query({ labelSelector, fieldSelector }: ISelection): Query {
  return { labelSelector, fieldSelector };
}

function writing({ dryRun, fieldManager }: IWriteOptions): Query {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation: 'Strict' };
}
