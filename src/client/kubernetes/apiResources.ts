/** Which kinds of objects a server has: aggregated discovery (`apidiscovery.k8s.io/v2`), or the documents of each group where a server knows no other. */
import { list, object, text } from '../../graph/wire';
import type { Json } from '../../graph/wire';
import { pathOf } from '../http';
import type { ITransport } from '../transport';
import type { IKindName } from './kind';

const SERVICE = 'kubernetes';
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** A kind that the server has, in the version that it prefers. */
export interface IApiResource extends IKindName {
  /** What may be done with it at all: `get`, `list`, `watch`, `create` … Rights of the user are another matter. */
  readonly verbs: readonly string[];
  /** Other names that commands take, such as `po`. */
  readonly shortNames: readonly string[];
}

/** All kinds of the server, those of the core group first, then by group and kind. Rejects with an `ApiError`. */
export async function apiResources(
  transport: ITransport,
  signal?: AbortSignal
): Promise<IApiResource[]> {
  const roots = await Promise.all(
    ['/api', '/apis'].map(path =>
      transport.json<Json>(SERVICE, { path, headers: { Accept: AGGREGATED }, signal })
    )
  );
  const found = await Promise.all(
    roots.map(root =>
      root['kind'] === 'APIGroupDiscoveryList'
        ? aggregated(root)
        : fromDocuments(transport, root, signal)
    )
  );
  return found
    .flat()
    .sort((one, other) => compare(one.group, other.group) || compare(one.kind, other.kind));
}

/** The kind that a person or a command means by its plural, kind or short name, in any group unless one is named. */
export function findResource(
  resources: readonly IApiResource[],
  name: string,
  group?: string
): IApiResource | undefined {
  const wanted = name.toLowerCase();
  const candidates = resources.filter(each => group === undefined || each.group === group);
  return (
    candidates.find(each => each.plural === wanted) ??
    candidates.find(each => each.kind.toLowerCase() === wanted) ??
    candidates.find(each => each.shortNames.includes(wanted))
  );
}

function aggregated(root: Json): IApiResource[] {
  return list(root['items']).flatMap(item => {
    const group = text(object(object(item).metadata).name) ?? '';
    const seen = new Set<string>();
    return list(object(item).versions).flatMap(each => {
      const version = text(object(each).version) ?? '';
      return list(object(each).resources).flatMap(value => {
        const resource = object(value);
        const plural = text(resource.resource) ?? '';
        if (!plural || seen.has(plural)) {
          return [];
        }
        seen.add(plural);
        return {
          group,
          versions: [version],
          kind: text(object(resource.responseKind).kind) ?? plural,
          plural,
          namespaced: resource.scope === 'Namespaced',
          verbs: texts(resource.verbs),
          shortNames: texts(resource.shortNames)
        };
      });
    });
  });
}

async function fromDocuments(
  transport: ITransport,
  root: Json,
  signal?: AbortSignal
): Promise<IApiResource[]> {
  const places: (readonly [group: string, version: string])[] =
    root['kind'] === 'APIGroupList'
      ? list(root['groups']).map(each => [
          text(object(each).name) ?? '',
          text(object(object(each).preferredVersion).version) ?? ''
        ])
      : texts(root['versions']).map(version => ['', version]);
  const found = await Promise.all(
    places.map(async ([group, version]) => {
      const path = group ? pathOf('apis', group, version) : pathOf('api', version);
      const document = await transport.json<Json>(SERVICE, { path, signal });
      return list(document['resources']).flatMap(value => {
        const resource = object(value);
        const plural = text(resource.name) ?? '';
        return plural === '' || plural.includes('/')
          ? []
          : {
              group,
              versions: [version],
              kind: text(resource.kind) ?? plural,
              plural,
              namespaced: resource.namespaced === true,
              verbs: texts(resource.verbs),
              shortNames: texts(resource.shortNames)
            };
      });
    })
  );
  return found.flat();
}

function texts(value: unknown): string[] {
  return list(value).flatMap(each => text(each) ?? []);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
