/** Requests to the KFP API and what is learned about the servers that answer them. */
import { list, object, text } from '../graph/wire';
import type { Json } from '../graph/wire';
import type { IConnection } from './connection';
import type { IListOptions, IPage } from './pipelines';
import type { IServiceRequest, ITransport, Query } from './transport';

/** What a `PipelinesClient` is told beside its transport. */
export interface IPipelinesOptions {
  /** Tells the namespace, and by its profile which server is asked. */
  connection?: Pick<IConnection, 'state'>;
  /** The namespace where there is no connection. Used only with a multi-user KFP. */
  namespace?: string;
}

/** What is known of one server. */
export interface IServerFacts {
  multiUser?: boolean;
  nativeTasks?: boolean;
  /** Whether its logs can be had by ranges. */
  logRanges?: boolean;
  /** Spec by version. */
  specs: Map<string, Json>;
}

/** The KFP API below `/apis/v2beta1` of one server, or of that of the active connection. */
export class PipelinesApi {
  constructor(
    private readonly transport: ITransport,
    private readonly options: IPipelinesOptions
  ) {}

  /** The answer's JSON. `request.path` is below the API's root. */
  json<T = Json>(request: IServiceRequest): Promise<T> {
    const path = `/apis/v2beta1${request.path}`;
    return this.transport.json<T>('pipelines', { ...request, path });
  }

  /** A page of a list. */
  async page<T>(
    path: string,
    key: string,
    convert: (raw: Json) => T,
    options: IListOptions,
    query: Query = {}
  ): Promise<IPage<T>> {
    const answer = await this.json<Json | undefined>({
      path,
      query: {
        ...query,
        page_size: options.pageSize,
        page_token: options.pageToken,
        sort_by: options.sortBy,
        filter: options.filter && JSON.stringify(options.filter)
      },
      signal: options.signal
    });
    const { [key]: items, total_size: total, next_page_token: next } = answer ?? {};
    return {
      items: list(items).map(item => convert(object(item))),
      total: typeof total === 'number' ? total : undefined,
      nextPageToken: text(next)
    };
  }

  /** A page of a list that belongs to an experiment, if one is named, else to the namespace. */
  async pageWithin<T>(
    path: string,
    key: string,
    convert: (raw: Json) => T,
    options: IListOptions & { experimentId?: string }
  ): Promise<IPage<T>> {
    const { experimentId } = options;
    const namespace = experimentId ? undefined : await this.namespace(options.signal);
    return this.page(path, key, convert, options, { experiment_id: experimentId, namespace });
  }

  /** The namespace to ask for: none where KFP runs for a single user, as it refuses one there. */
  async namespace(signal?: AbortSignal): Promise<string | undefined> {
    const namespace = this.options.connection?.state?.namespace ?? this.options.namespace;
    if (!namespace) {
      return undefined;
    }
    const { facts } = this;
    facts.multiUser ??= (await this.json({ path: '/healthz', signal })).multi_user === true;
    return facts.multiUser ? namespace : undefined;
  }

  /** What is known of the server that is asked now. */
  get facts(): IServerFacts {
    const key = this.options.connection?.state?.active ?? '';
    const known = this.servers.get(key) ?? { specs: new Map<string, Json>() };
    this.servers.set(key, known);
    return known;
  }

  private readonly servers = new Map<string, IServerFacts>();
}
