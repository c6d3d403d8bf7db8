import { useMemo } from 'react';

import { healthOf, type IKind } from '../client/kubernetes/kind';
import type { Pod } from '../client/kubernetes/kinds';
import type { IKubernetesObject } from '../client/kubernetes/object';
import type { ITabView } from '../ui/detailTabs';
import { objectsIcon } from '../ui/icons';
import { type IKubernetes, useKubernetes } from '../ui/kubernetes/connection';
import { useAccess } from '../ui/kubernetes/access';
import { eventsTab, ObjectFrame, yamlTab } from '../ui/kubernetes/objectFrame';
import { useSection } from '../ui/tabHooks';
import { ownedKinds, useOwned } from '../ui/kubernetes/owned';
import { healthWords, PhaseIcon } from '../ui/kubernetes/phase';
import { PodLogs } from '../ui/kubernetes/podLogs';
import { problemOf } from '../ui/kubernetes/problem';
import { type IWatched, WatchedObject } from '../ui/kubernetes/watchedObject';
import { LiveView } from '../ui/liveView';
import type { ITab } from '../ui/tabs';
import { argsOf, CommandIDs, type IObjectRef } from './commands';
import type { IObjectsContext } from './context';
import { useKind } from './kinds';
import { Overview } from './overview';

/** What an object's tab is given. Its sections: `overview`, `events`, `logs` or `yaml`. */
export interface IObjectDetailProps extends ITabView {
  context: IObjectsContext;
  of: IObjectRef;
}

/** An object's tab. */
export function ObjectDetail(props: IObjectDetailProps): JSX.Element {
  const { context, of } = props;
  const { trans } = context;
  const kubernetes = useKubernetes(context.kubeflow);
  const { value: kind, error, retry } = useKind(kubernetes, of.kind, of.group);
  if (!kind) {
    const about = {
      group: of.group ?? '',
      versions: [],
      kind: of.kind,
      plural: of.kind,
      namespaced: true
    };
    return (
      <LiveView
        state={{ data: undefined, status: 'loading', error: error ?? null, since: undefined }}
        trans={trans}
        retry={retry}
        {...problemOf({ verb: 'get', kind: about, namespace: of.namespace }, error, trans)}
      >
        {() => null}
      </LiveView>
    );
  }
  return (
    <WatchedObject
      trans={trans}
      kubernetes={kubernetes}
      kind={kind}
      namespace={of.namespace}
      name={of.name}
      absent={trans.__(
        '%1 “%2” is not on the active connection. It may have been deleted, or belong to another connection.',
        kind.kind,
        of.name
      )}
      onGone={props.onGone}
    >
      {watched => <Detail {...props} kubernetes={kubernetes} kind={kind} watched={watched} />}
    </WatchedObject>
  );
}

function Detail(
  props: IObjectDetailProps & {
    kubernetes: IKubernetes;
    kind: IKind;
    watched: IWatched<IKubernetesObject>;
  }
): JSX.Element {
  const { context, of, kubernetes, kind } = props;
  const { object } = props.watched;
  const { trans, commands, kubeflow } = context;
  const [tab, show] = useSection(props, 'overview');
  const { owned, ready } = useOwned(kubernetes, kind, object);
  const ownedObjects = useMemo(() => owned.map(each => each.object), [owned]);
  const isPod = kind.group === '' && kind.plural === 'pods';
  const pods = useMemo(
    () =>
      isPod
        ? [object as Pod]
        : (owned.filter(each => each.kind.plural === 'pods').map(each => each.object) as Pod[]),
    [isPod, object, owned]
  );
  const hasPods = isPod || ownedKinds(kind).some(each => each.plural === 'pods');
  const mayDelete = useAccess(
    kubernetes.client,
    { verb: 'delete', kind, namespace: of.namespace, name: of.name },
    trans
  );
  const health = healthOf(kind, object);

  const tabs: ITab[] = [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => (
        <Overview
          context={context}
          kubernetes={kubernetes}
          kind={kind}
          object={object}
          owned={owned}
        />
      )
    },
    eventsTab({ trans, kubernetes, object, owned: ownedObjects }),
    ...(hasPods
      ? [
          {
            id: 'logs',
            label: trans.__('Logs'),
            render: () => (
              <PodLogs
                trans={trans}
                kubernetes={kubernetes}
                pods={pods}
                name={of.name}
                ready={isPod || ready}
              />
            )
          }
        ]
      : []),
    yamlTab({ trans, kubeflow, kubernetes, editors: context.editors, kind, object })
  ];
  return (
    <ObjectFrame
      trans={trans}
      icon={objectsIcon}
      state={<PhaseIcon phase={health.phase} trans={trans} />}
      name={of.name}
      words={
        <span title={health.message}>
          {kind.kind} · {healthWords(health, trans)}
        </span>
      }
      goneWords={
        <span title={health.message}>
          {kind.kind} · {trans.__('deleted')}
        </span>
      }
      primary={{
        label: trans.__('Delete…'),
        reason: mayDelete?.allowed === false ? mayDelete.reason : undefined,
        run: () => commands.execute(CommandIDs.remove, argsOf(of))
      }}
      watched={props.watched}
      onGone={props.onGone}
      current={tab}
      onTab={show}
      tabs={tabs}
    />
  );
}
