/** Which versions of an API group a server has: read once, from `/apis/GROUP` and `/apis/GROUP/VERSION`. */
import { ApiError, isNotFound } from '../errors';
import { pathOf } from '../http';
import type { ITransport } from '../transport';
import type { IKindName } from './kind';

const SERVICE = 'kubernetes';

/** Answers for one cluster. Neither a failure nor that a kind is missing is kept: the next question asks again. */
export class Discovery {
  constructor(transport: ITransport) {
    this._transport = transport;
  }

  /**
   * The version of `kind` to use: the first of its versions that the server serves.
   *
   * Rejects with an `ApiError` of reason `NotInstalled` when it serves none.
   */
  async version(kind: IKindName): Promise<string> {
    if (kind.group === '') {
      return kind.versions[0]!;
    }
    for (const version of kind.versions) {
      const plurals = await this._plurals(kind.group, version);
      if (plurals.has(kind.plural)) {
        return version;
      }
    }
    kind.versions.forEach(version => this._known.delete(`${kind.group}/${version}`));
    throw new ApiError({
      service: SERVICE,
      status: 404,
      reason: 'NotInstalled',
      message: `The cluster does not know ${kind.kind} (${kind.plural}.${kind.group} in ${kind.versions.join(' or ')}). Install the component that brings it, or choose another connection.`
    });
  }

  /** Whether the server knows `kind`. */
  async has(kind: IKindName): Promise<boolean> {
    try {
      await this.version(kind);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotInstalled') {
        return false;
      }
      throw error;
    }
  }

  /** Whether the objects of a kind have a subresource, such as `scale`. Rejects as `version`. */
  async hasSubresource(kind: IKindName, subresource: string): Promise<boolean> {
    const found = await this._plurals(kind.group, await this.version(kind));
    return found.has(`${kind.plural}/${subresource}`);
  }

  /** Forgets what was read: something may have been installed meanwhile. */
  forget(): void {
    this._known.clear();
  }

  private _plurals(group: string, version: string): Promise<ReadonlySet<string>> {
    const key = `${group}/${version}`;
    const known = this._known.get(key);
    if (known) {
      return known;
    }
    const reading = this._read(group, version);
    this._known.set(key, reading);
    reading.catch(() => {
      if (this._known.get(key) === reading) {
        this._known.delete(key);
      }
    });
    return reading;
  }

  private async _read(group: string, version: string): Promise<ReadonlySet<string>> {
    try {
      const answer = await this._transport.json<{ resources?: { name: string }[] }>(SERVICE, {
        path: pathOf(...(group ? ['apis', group] : ['api']), version)
      });
      return new Set((answer.resources ?? []).map(resource => resource.name));
    } catch (error) {
      if (isNotFound(error)) {
        return new Set();
      }
      throw error;
    }
  }

  private readonly _transport: ITransport;
  private readonly _known = new Map<string, Promise<ReadonlySet<string>>>();
}
