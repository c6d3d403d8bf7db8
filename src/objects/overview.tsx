import { useEffect, useState } from 'react';

import { columnsOf, type IColumnValue } from '../client/kubernetes/columns';
import type { ICondition, IConditioned } from '../client/kubernetes/conditions';
import { healthOf, type IKind } from '../client/kubernetes/kind';
import type { IKubernetesObject } from '../client/kubernetes/object';
import { formatExact, formatRelative, localeOf } from '../ui/format';
import { type IKeyValue, KeyValue } from '../ui/keyValue';
import { Conditions } from '../ui/kubernetes/conditions';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { type IOwned } from '../ui/kubernetes/owned';
import { Figure } from '../ui/kubernetes/objectList';
import { PhaseIcon } from '../ui/kubernetes/phase';
import { Name, useNow } from '../ui/text';
import type { IObjectsContext } from './context';
import { refTo } from './objectBrowser';

/** How an object is: its conditions, the fields that say most, what it belongs to and what it owns. */
export function Overview(props: {
  context: IObjectsContext;
  kubernetes: IKubernetes;
  kind: IKind;
  object: IKubernetesObject;
  owned: readonly IOwned[];
}): JSX.Element {
  const { context, kind, object, owned } = props;
  const { trans } = context;
  const now = useNow(10_000);
  const locale = localeOf(trans);
  const columns = useColumns(props.kubernetes, kind, object);
  const { metadata = {} } = object;
  const conditions = ((object as IConditioned).status?.conditions ?? []) as readonly ICondition[];
  const health = healthOf(kind, object);
  const { ownerReferences = [], labels = {}, annotations = {}, finalizers = [] } = metadata;
  const fields: IKeyValue[] = [
    ...(metadata.namespace ? [{ key: trans.__('Namespace'), value: metadata.namespace }] : []),
    {
      key: trans.__('Created'),
      value: formatRelative(metadata.creationTimestamp, now, locale),
      exact: formatExact(metadata.creationTimestamp, locale)
    },
    ...ownerReferences.map(owner => ({
      key: trans.__('Belongs to'),
      value: `${owner.kind} ${owner.name}`,
      node: (
        <button
          type="button"
          className="jp-Kubeflow-link"
          onClick={() =>
            context.open({
              group: owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '',
              kind: owner.kind,
              namespace: metadata.namespace,
              name: owner.name
            })
          }
        >
          {owner.kind} {owner.name}
        </button>
      )
    })),
    ...columns.map(({ name, value, description }) => ({
      key: name,
      value,
      exact: description ? `${value}\n${description}` : undefined
    })),
    ...(finalizers.length > 0
      ? [{ key: trans.__('Finalizers'), value: finalizers.join('\n') }]
      : []),
    ...pairs(trans.__('Labels'), labels),
    ...pairs(trans.__('Annotations'), annotations)
  ];
  return (
    <div className="jp-Kubeflow-overview">
      {(conditions.length > 0 || health.message) && (
        <section>
          <h2>{trans.__('State')}</h2>
          {conditions.length > 0 ? (
            <Conditions trans={trans} conditions={conditions} />
          ) : (
            <p>{health.message}</p>
          )}
        </section>
      )}
      {owned.length > 0 && (
        <section>
          <h2>{trans.__('Owns')}</h2>
          <ul className="jp-Kubeflow-owned" aria-label={trans.__('Owned objects')}>
            {owned.map(each => (
              <OwnedRow key={each.object.metadata?.uid} context={context} owned={each} />
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>{trans.__('Fields')}</h2>
        <KeyValue label={trans.__('Fields')} rows={fields} />
      </section>
    </div>
  );
}

function OwnedRow(props: { context: IObjectsContext; owned: IOwned }): JSX.Element {
  const { context, owned } = props;
  const { kind, object, depth } = owned;
  const health = healthOf(kind, object);
  return (
    <li style={{ paddingInlineStart: (depth - 1) * 16 }}>
      <PhaseIcon phase={health.phase} trans={context.trans} />
      <span className="jp-Kubeflow-quiet">{kind.kind}</span>
      <button
        type="button"
        className="jp-Kubeflow-link"
        onClick={() => context.open(refTo(kind, object))}
      >
        <Name text={object.metadata?.name ?? ''} />
      </button>
      <Figure health={health} trans={context.trans} />
    </li>
  );
}

/** Labels or annotations, one a line; long values, as of the last applied object, are cut and whole on hover. */
function pairs(key: string, values: Readonly<Record<string, string>>): IKeyValue[] {
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}=${value.length > 200 ? `${value.slice(0, 200)}…` : value}`
  );
  return lines.length > 0 ? [{ key, value: lines.join('\n') }] : [];
}

/** The columns that the server shows of the object; read again when it changes, none while they cannot be read. */
function useColumns(
  kubernetes: IKubernetes,
  kind: IKind,
  object: IKubernetesObject
): readonly IColumnValue[] {
  const [columns, setColumns] = useState<readonly IColumnValue[]>([]);
  const { name = '', namespace, resourceVersion } = object.metadata ?? {};
  useEffect(() => {
    const abort = new AbortController();
    columnsOf(
      kubernetes.transport,
      kubernetes.client,
      kind,
      { name, namespace },
      abort.signal
    ).then(
      found => setColumns(found),
      () => undefined
    );
    return () => abort.abort();
  }, [kubernetes, kind, name, namespace, resourceVersion]);
  return columns;
}
