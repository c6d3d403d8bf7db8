/** The columns that a server shows of an object, as `kubectl get -o wide` prints them (`meta.k8s.io/v1`, Table). */
import { list, object, text } from '../../graph/wire';
import type { Json } from '../../graph/wire';
import { pathOf } from '../http';
import type { ITransport } from '../transport';
import type { KubernetesClient } from './client';
import type { IKind } from './kind';
import type { IName } from './resource';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
/** What every view shows by itself. */
const OTHERS = new Set(['Name', 'Age', 'Created At']);

/** One column of an object. */
export interface IColumnValue {
  name: string;
  value: string | number;
  /** What the column means, as the server says it. */
  description?: string;
}

/** The columns of an object that hold something, but for name and age; none of a server without tables. Rejects with an `ApiError`. */
export async function columnsOf(
  transport: ITransport,
  client: KubernetesClient,
  kind: IKind,
  { name, namespace }: IName,
  signal?: AbortSignal
): Promise<IColumnValue[]> {
  const apiVersion = await client.resource(kind).apiVersion();
  const segments = kind.group ? ['apis', ...apiVersion.split('/')] : ['api', apiVersion];
  if (kind.namespaced && namespace) {
    segments.push('namespaces', namespace);
  }
  const table = await transport.json<Json>('kubernetes', {
    path: pathOf(...segments, kind.plural, name),
    headers: { Accept: TABLE },
    signal
  });
  const cells = list(object(list(table['rows'])[0])['cells']);
  return list(table['columnDefinitions']).flatMap((definition, index) => {
    const { name: column, description } = object(definition);
    const value = cells[index];
    const known = text(column) ?? '';
    return OTHERS.has(known) ||
      value === null ||
      value === undefined ||
      value === '' ||
      value === '<none>'
      ? []
      : {
          name: known,
          value: typeof value === 'number' ? value : String(value),
          ...(text(description) && { description: text(description) })
        };
  });
}
