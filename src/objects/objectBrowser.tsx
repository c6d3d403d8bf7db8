import { HTMLSelect } from '@jupyterlab/ui-components';
import { deleteIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { findResource, type IApiResource } from '../client/kubernetes/apiResources';
import type { IKind } from '../client/kubernetes/kind';
import type { IKubernetesObject } from '../client/kubernetes/object';
import { asKind } from '../ui/kubernetes/anyKind';
import { useAccess } from '../ui/kubernetes/access';
import { type IKubernetes, useKubernetes, useNamespace } from '../ui/kubernetes/connection';
import { ObjectList } from '../ui/kubernetes/objectList';
import { problemOf } from '../ui/kubernetes/problem';
import { pluralKind } from '../ui/kubernetes/words';
import { LiveView } from '../ui/liveView';
import { CommandIDs, type IKindRef, type IObjectRef, kindOf } from './commands';
import type { IObjectsContext } from './context';
import { useResources } from './kinds';

/** The list of objects of one kind: choose the kind and the namespace, find, open and delete. */
export function ObjectBrowser(props: {
  context: IObjectsContext;
  /** The kind to begin with, as `{group?, plural}`. */
  kind: () => ReadonlyPartialJSONObject | undefined;
  /** Called when another kind or namespace was chosen. */
  onKind: (chosen: ReadonlyPartialJSONObject) => void;
}): JSX.Element {
  const { context, onKind } = props;
  const { trans, kubeflow } = context;
  const kubernetes = useKubernetes(kubeflow);
  const active = useNamespace(kubeflow);
  const { value: resources, error, retry } = useResources(kubernetes);
  const [chosen, setChosen] = useState(
    () => kindOf(props.kind() ?? {}) ?? { group: '', plural: '' }
  );
  const [everywhere, setEverywhere] = useState(() => props.kind()?.['everywhere'] === true);
  useEffect(() => {
    const show = (_: unknown, kind: IKindRef) => setChosen(kind);
    context.asked.connect(show);
    return () => {
      context.asked.disconnect(show);
    };
  }, [context]);
  const resource = resources && pick(resources, chosen);
  const choose = (key: string) => {
    const [plural = '', group = ''] = key.split('/');
    setChosen({ group, plural });
    onKind({ group, plural });
  };

  return (
    <section className="jp-Kubeflow-objects" aria-label={trans.__('Kubernetes objects')}>
      <LiveView
        state={{ data: resources, status: 'live', error: error ?? null, since: undefined }}
        trans={trans}
        retry={retry}
        {...problemOf({ verb: 'list', kind: KINDS }, error, trans)}
      >
        {all => (
          <>
            <div className="jp-Kubeflow-choosers">
              <label className="jp-Kubeflow-chooser">
                {trans.__('Kind')}
                <HTMLSelect
                  className="jp-Kubeflow-select"
                  value={resource ? keyOf(resource) : ''}
                  onChange={event => choose(event.currentTarget.value)}
                >
                  {groupsOf(all).map(([group, kinds]) => (
                    <optgroup key={group} label={group || trans.__('Core')}>
                      {kinds.map(each => (
                        <option key={keyOf(each)} value={keyOf(each)}>
                          {each.kind}
                        </option>
                      ))}
                    </optgroup>
                  ))}
                </HTMLSelect>
              </label>
              {resource?.namespaced && (
                <label className="jp-Kubeflow-chooser">
                  {trans.__('Namespace')}
                  <HTMLSelect
                    className="jp-Kubeflow-select"
                    value={everywhere || !active ? '*' : ''}
                    options={[
                      ...(active ? [{ value: '', label: active }] : []),
                      { value: '*', label: trans.__('All namespaces') }
                    ]}
                    onChange={event => {
                      setEverywhere(event.currentTarget.value === '*');
                      onKind({ everywhere: event.currentTarget.value === '*' });
                    }}
                  />
                </label>
              )}
            </div>
            {resource && (
              <Objects
                key={keyOf(resource)}
                context={context}
                kubernetes={kubernetes}
                resource={resource}
                namespace={resource.namespaced && !everywhere && active ? active : undefined}
              />
            )}
          </>
        )}
      </LiveView>
    </section>
  );
}

function Objects(props: {
  context: IObjectsContext;
  kubernetes: IKubernetes;
  resource: IApiResource;
  namespace: string | undefined;
}): JSX.Element {
  const { context, kubernetes, resource, namespace } = props;
  const { trans, commands } = context;
  const kind = useMemo(() => asKind(resource), [resource]);
  const list = kubernetes.lists.list(kind, { namespace });
  const mayDelete = useAccess(kubernetes.client, { verb: 'delete', kind, namespace }, trans);
  const refused = mayDelete?.allowed === false ? mayDelete.reason : undefined;
  const select = useCallback(
    (objects: readonly IKubernetesObject[]) => {
      context.selection = objects.map(each => refTo(kind, each));
      commands.notifyCommandChanged();
    },
    [context, kind]
  );
  return (
    <ObjectList
      trans={trans}
      kind={kind}
      list={list}
      namespace={namespace}
      onOpen={object => context.open(refTo(kind, object))}
      onSelect={select}
      onDelete={
        refused === undefined
          ? () => void commands.execute(CommandIDs.remove, { from: 'list' })
          : undefined
      }
      actions={object => {
        const { group, kind: plural, namespace: where, name } = refTo(kind, object);
        return [
          {
            id: CommandIDs.remove,
            icon: deleteIcon,
            label: trans.__('Delete %1…', kind.kind),
            reason: refused,
            run: () =>
              void commands.execute(CommandIDs.remove, {
                group: group ?? '',
                plural,
                ...(where ? { namespace: where } : {}),
                name
              })
          }
        ];
      }}
      empty={{
        message: namespace
          ? trans.__('There are no %1 in %2.', pluralKind(kind), namespace)
          : trans.__('There are no %1.', pluralKind(kind))
      }}
    />
  );
}

/** The object's name for commands. */
export function refTo(kind: IKind, { metadata }: IKubernetesObject): IObjectRef {
  return {
    group: kind.group,
    kind: kind.plural,
    namespace: metadata?.namespace,
    name: metadata?.name ?? ''
  };
}

/** Stands for the list of kinds where that itself cannot be read. */
const KINDS = {
  group: 'apiextensions.k8s.io',
  versions: ['v1'],
  kind: 'Kind',
  plural: 'kinds',
  namespaced: false
};

/** What is chosen, else the kind that a person is likely to look for. */
function pick(
  resources: readonly IApiResource[],
  { group, plural }: { group: string; plural: string }
): IApiResource | undefined {
  return (
    (plural ? findResource(resources, plural, group || undefined) : undefined) ??
    findResource(resources, 'trainjobs') ??
    findResource(resources, 'pods') ??
    resources[0]
  );
}

function keyOf({ plural, group }: IApiResource): string {
  return `${plural}/${group}`;
}

function groupsOf(resources: readonly IApiResource[]): [string, IApiResource[]][] {
  const groups = new Map<string, IApiResource[]>();
  for (const each of resources) {
    groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  }
  return [...groups];
}
