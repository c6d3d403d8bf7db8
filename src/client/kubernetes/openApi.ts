/** Schemas of kinds, from the server's OpenAPI v3 documents (`/openapi/v3`): one document a group and version, each fetched once. */
import { list, object, text } from '../../graph/wire';
import type { Json } from '../../graph/wire';
import type { ITransport } from '../transport';

const SERVICE = 'kubernetes';

/** A schema as an API server publishes it: OpenAPI 3.0 with the `x-kubernetes-…` extensions. */
export type Schema = Json;

/** The schema of a kind, and what its references lead to. */
export interface IKindSchema {
  readonly root: Schema;
  /** `#/components/schemas`. */
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** The schemas of one server. A failure is not kept: the next question asks again. */
export class OpenApi {
  constructor(private readonly _transport: ITransport) {}

  /** The schema of a kind; undefined when the server publishes none. `apiVersion` is `GROUP/VERSION`, or `v1`. Rejects with an `ApiError`. */
  async schema(apiVersion: string, kind: string): Promise<IKindSchema | undefined> {
    const [version, group = ''] = apiVersion.split('/').reverse() as [string, string?];
    const path = group ? `apis/${group}/${version}` : `api/${version}`;
    const schemas = await this._document(path);
    const root = Object.values(schemas).find(schema =>
      list(schema['x-kubernetes-group-version-kind']).some(value => {
        const made = object(value);
        return (text(made.group) ?? '') === group && made.version === version && made.kind === kind;
      })
    );
    return root && { root, schemas };
  }

  private _document(path: string): Promise<Readonly<Record<string, Schema>>> {
    const known = this._documents.get(path);
    if (known) {
      return known;
    }
    const reading = this._read(path);
    this._documents.set(path, reading);
    reading.catch(() => this._documents.delete(path));
    return reading;
  }

  private async _read(path: string): Promise<Readonly<Record<string, Schema>>> {
    this._index ??= this._transport.json<Json>(SERVICE, { path: '/openapi/v3' });
    const index = await this._index.catch((error: unknown) => {
      this._index = undefined;
      throw error;
    });
    const address = text(object(object(index['paths'])[path]).serverRelativeURL);
    if (!address) {
      return {};
    }
    const { pathname, searchParams } = new URL(address, 'http://server');
    const document = await this._transport.json<Json>(SERVICE, {
      path: pathname,
      query: Object.fromEntries(searchParams)
    });
    return object(object(document['components']).schemas) as Record<string, Schema>;
  }

  private readonly _documents = new Map<string, Promise<Readonly<Record<string, Schema>>>>();
  private _index?: Promise<Json>;
}
