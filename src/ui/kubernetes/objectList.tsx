import type { TranslationBundle } from '@jupyterlab/translation';
import { useImperativeHandle, useMemo, useRef, useState } from 'react';

import type { IKubernetesObject } from '../../client/kubernetes/object';
import { healthOf, type IHealth, type IKind, type Phase } from '../../client/kubernetes/kind';
import type { ListWatch } from '../../client/kubernetes/listWatch';
import { FilterBar } from '../filterBar';
import { Footer } from '../footer';
import { formatNumber, localeOf } from '../format';
import type { IListSection } from '../listSection';
import { LiveView } from '../liveView';
import { type IRowAction, ResourceList } from '../resourceList';
import { Name, RelativeTime, useNow } from '../text';
import type { IRows } from '../useRows';
import { ViewState } from '../viewState';
import { healthWords, PhaseIcon, phaseLabel, PHASES } from './phase';
import { problemOf } from './problem';
import { Unwatched } from './unwatched';
import { useList } from './useList';
import { pluralKind, words } from './words';

/** Objects of one kind, newest first. */
export interface IObjectListProps<T extends IKubernetesObject> {
  trans: TranslationBundle;
  kind: IKind<T>;
  /** The live list of what is shown; watched while the view is on the screen. */
  list: ListWatch<T>;
  /** The namespace that `list` is limited to. */
  namespace?: string;
  /** The key figure of a row; its progress, or why it is as it is, when left out. */
  figure?: (object: T, health: IHealth) => React.ReactNode;
  /** What is told below the name on hover. */
  facts?: (object: T) => string;
  onOpen: (object: T) => void;
  /** Asks whether to delete; never deletes by itself. */
  onDelete?: (objects: T[]) => void;
  onSelect?: (objects: T[]) => void;
  /** At most three. */
  actions?: (object: T) => IRowAction[];
  /** Called with the rows on the screen after each change of them. */
  onVisible?: (objects: T[]) => void;
  /** What context menus call a row; `object` when left out. */
  rowKind?: string;
  /** The states that the filter offers; all when left out, no such filter when there are none. */
  phases?: readonly Phase[];
  /** What an empty list says, and what fills it. */
  empty?: { message: string; action?: { label: string; run: () => void } };
  handle?: React.Ref<IListSection>;
}

/** Draws the list with its filter, its states and its count. */
export function ObjectList<T extends IKubernetesObject>(props: IObjectListProps<T>): JSX.Element {
  const { trans, kind, list, namespace, phases = PHASES } = props;
  const state = useList(list);
  const [text, setText] = useState('');
  const [phase, setPhase] = useState<Phase | ''>('');
  const input = useRef<HTMLInputElement>(null);
  const rows = useRef<IRows>(null);
  const now = useNow(10_000);
  useImperativeHandle(props.handle, () => ({ focusFilter: () => input.current?.focus() }));

  const sorted = useMemo(() => state.data && [...state.data].sort(newestFirst), [state.data]);
  const shown = useMemo(
    () => filterObjects(sorted ?? [], kind, text, phase),
    [sorted, kind, text, phase]
  );
  const plural = pluralKind(kind);
  const label = words(plural);
  const where = kind.namespaced
    ? (namespace ?? trans.__('all namespaces'))
    : trans.__('the cluster');
  return (
    <div className="jp-Kubeflow-section">
      <FilterBar
        trans={trans}
        label={trans.__('Filter %1', plural)}
        text={text}
        onText={setText}
        onLeave={() => rows.current?.focus()}
        input={input}
        choice={
          phases.length > 0
            ? {
                label: trans.__('State'),
                value: phase,
                options: [
                  { value: '', label: trans.__('All') },
                  ...phases.map(value => ({ value, label: phaseLabel(value, trans) }))
                ],
                onChange: value => setPhase(value as Phase | '')
              }
            : undefined
        }
      />
      <Unwatched
        trans={trans}
        state={state}
        access={{ verb: 'watch', kind, namespace }}
        retry={() => list.retry()}
      />
      <LiveView
        state={state}
        trans={trans}
        retry={() => list.retry()}
        {...problemOf({ verb: 'list', kind, namespace }, state.error, trans)}
      >
        {all =>
          shown.length > 0 ? (
            <ResourceList
              label={plural}
              kind={props.rowKind ?? 'object'}
              items={shown}
              itemKey={keyOf}
              itemLabel={item => labelOf(kind, item, trans)}
              renderRow={item => (
                <Row
                  trans={trans}
                  kind={kind}
                  object={item}
                  now={now}
                  namespaced={kind.namespaced && !namespace}
                  figure={props.figure}
                  facts={props.facts}
                />
              )}
              actions={props.actions}
              onOpen={props.onOpen}
              onDelete={props.onDelete}
              onSelect={props.onSelect}
              onVisible={props.onVisible}
              onFilter={() => input.current?.focus()}
              handle={rows}
            />
          ) : all.length > 0 ? (
            <ViewState
              kind="no-match"
              trans={trans}
              message={trans.__('No %1 matches.', kind.kind)}
              action={{
                label: trans.__('Clear filter'),
                run: () => {
                  setText('');
                  setPhase('');
                }
              }}
            />
          ) : (
            <ViewState
              kind="empty"
              trans={trans}
              message={props.empty?.message ?? trans.__('There are no %1 in %2.', label, where)}
              action={props.empty?.action}
            />
          )
        }
      </LiveView>
      {state.data && (
        <Footer
          trans={trans}
          state={state}
          count={
            shown.length < state.data.length
              ? trans.__(
                  '%1 of %2 %3',
                  shown.length.toLocaleString(),
                  state.data.length.toLocaleString(),
                  plural
                )
              : `${state.data.length.toLocaleString()} ${state.data.length === 1 ? kind.kind : plural}`
          }
        />
      )}
    </div>
  );
}

/** An object as one line: phase, name, namespace where several are shown, one key figure, age. */
function Row<T extends IKubernetesObject>(props: {
  trans: TranslationBundle;
  kind: IKind<T>;
  object: T;
  now: number;
  namespaced: boolean;
  figure: IObjectListProps<T>['figure'];
  facts: IObjectListProps<T>['facts'];
}): JSX.Element {
  const { trans, kind, object, figure } = props;
  const { name = '', namespace, creationTimestamp } = object.metadata ?? {};
  const health = healthOf(kind, object);
  return (
    <>
      <PhaseIcon phase={health.phase} trans={trans} />
      <Name text={name} facts={props.facts?.(object)} />
      {props.namespaced && <Name className="jp-Kubeflow-row-namespace" text={namespace ?? ''} />}
      {figure ? figure(object, health) : <Figure health={health} trans={trans} />}
      <RelativeTime iso={creationTimestamp} now={props.now} locale={localeOf(trans)} />
    </>
  );
}

/** What says most of a state in one figure: how far it is, or why it is not well. */
export function Figure(props: { health: IHealth; trans: TranslationBundle }): JSX.Element | null {
  const { health, trans } = props;
  const { phase, reason, message, progress } = health;
  if (reason && (phase === 'failed' || phase === 'degraded')) {
    return (
      <span className="jp-Kubeflow-failure" title={message ?? reason}>
        {words(reason)}
      </span>
    );
  }
  if (!progress || progress.total === 0) {
    return null;
  }
  const { done, total } = progress;
  const spoken = trans.__('%1 of %2', done, total);
  const figure = total === 100 ? `${formatNumber(done)} %` : `${done}/${total}`;
  return phase === 'running' && done < total ? (
    <span className="jp-Kubeflow-progress" title={spoken}>
      <span className="jp-Kubeflow-figure">{figure}</span>
      <progress value={done} max={total} aria-label={spoken} />
    </span>
  ) : (
    <span className="jp-Kubeflow-figure" title={spoken}>
      {figure}
    </span>
  );
}

/** The objects whose name (or `namespace/name`) holds the text and that are in the phase. */
export function filterObjects<T extends IKubernetesObject>(
  objects: readonly T[],
  kind: IKind<T>,
  text: string,
  phase: Phase | ''
): readonly T[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted && !phase) {
    return objects;
  }
  return objects.filter(object => {
    const { name = '', namespace = '' } = object.metadata ?? {};
    return (
      `${namespace}/${name}`.toLowerCase().includes(wanted) &&
      (phase === '' || healthOf(kind, object).phase === phase)
    );
  });
}

/** Newest first; of the same second, by name. */
export function newestFirst(one: IKubernetesObject, other: IKubernetesObject): number {
  const [a, b] = [one.metadata ?? {}, other.metadata ?? {}];
  const [x, y] = [b.creationTimestamp ?? '', a.creationTimestamp ?? ''];
  const [n, m] = [a.name ?? '', b.name ?? ''];
  return x < y ? -1 : x > y ? 1 : n < m ? -1 : n > m ? 1 : 0;
}

function keyOf({ metadata }: IKubernetesObject): string {
  return metadata?.uid ?? `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

function labelOf<T extends IKubernetesObject>(kind: IKind<T>, object: T, trans: TranslationBundle) {
  return `${object.metadata?.name ?? ''}, ${healthWords(healthOf(kind, object), trans)}`;
}
