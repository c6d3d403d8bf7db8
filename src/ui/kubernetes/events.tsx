import type { TranslationBundle } from '@jupyterlab/translation';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';

import type { IKubernetesObject } from '../../client/kubernetes/object';
import { events } from '../../client/kubernetes/kinds';
import { Footer } from '../footer';
import { localeOf } from '../format';
import { LiveView } from '../liveView';
import { Name, RelativeTime, useNow } from '../text';
import { ViewState } from '../viewState';
import type { IKubernetes } from './connection';
import { eventRows, type IEventRow } from './eventRows';
import { PhaseIcon } from './phase';
import { problemOf } from './problem';
import { Unwatched } from './unwatched';
import { useList } from './useList';
import { words } from './words';

const ROW_HEIGHT = 46;

/** What happened to an object and to what it owns: newest first, repeated ones counted, live. */
export function Events(props: {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  object: IKubernetesObject;
  /** What it owns, such as jobs and pods. */
  owned?: readonly IKubernetesObject[];
}): JSX.Element {
  const { trans, kubernetes, object, owned } = props;
  const { uid = '', namespace, name = '' } = object.metadata ?? {};
  // One list a namespace, shared by all views; objects without a namespace have theirs in any.
  const list = kubernetes.lists.list(
    events,
    namespace ? { namespace } : { fieldSelector: `involvedObject.uid=${uid}` }
  );
  const state = useList(list);
  const now = useNow(10_000);
  const rows = useMemo(() => {
    const uids = [uid, ...(owned ?? []).map(each => each.metadata?.uid ?? '')];
    return eventRows(state.data ?? [], new Set(uids));
  }, [state.data, uid, owned]);
  return (
    <div className="jp-Kubeflow-section">
      <Unwatched
        trans={trans}
        state={state}
        access={{ verb: 'watch', kind: events, namespace }}
        retry={() => list.retry()}
      />
      <LiveView
        state={state}
        trans={trans}
        retry={() => list.retry()}
        {...problemOf({ verb: 'list', kind: events, namespace }, state.error, trans)}
      >
        {() =>
          rows.length > 0 ? (
            <Rows
              rows={rows}
              uid={uid}
              now={now}
              trans={trans}
              label={trans.__('Events of %1', name)}
            />
          ) : (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__(
                'Nothing has been reported of %1. Clusters forget events after a while, most after an hour.',
                name
              )}
            />
          )
        }
      </LiveView>
      {state.data && (
        <Footer
          trans={trans}
          state={state}
          count={trans._n('%1 event', '%1 events', rows.length, rows.length.toLocaleString())}
        />
      )}
    </div>
  );
}

function Rows(props: {
  rows: readonly IEventRow[];
  uid: string;
  now: number;
  trans: TranslationBundle;
  label: string;
}): JSX.Element {
  const { rows, trans, now } = props;
  const locale = localeOf(trans);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => rows[index]?.key ?? index,
    overscan: 8
  });
  return (
    <div
      ref={scroller}
      className="jp-Kubeflow-list jp-Kubeflow-events"
      tabIndex={0}
      role="group"
      aria-label={props.label}
    >
      <div
        role="list"
        aria-label={props.label}
        style={{ height: virtualizer.getTotalSize(), position: 'relative' }}
      >
        {virtualizer.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index];
          return (
            row && (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                role="listitem"
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                className="jp-Kubeflow-event"
                style={{ transform: `translateY(${start}px)` }}
              >
                {row.warning ? (
                  <PhaseIcon phase="degraded" label={trans.__('Warning')} trans={trans} />
                ) : (
                  <span className="jp-Kubeflow-state" />
                )}
                <div className="jp-Kubeflow-event-text">
                  <div className="jp-Kubeflow-event-line">
                    <span className="jp-Kubeflow-event-reason" title={row.source}>
                      {words(row.reason)}
                    </span>
                    {row.about.uid !== props.uid && (
                      <span className="jp-Kubeflow-event-about jp-Kubeflow-quiet">
                        {row.about.kind} <Name text={row.about.name} />
                      </span>
                    )}
                    <span className="jp-Kubeflow-spacer" />
                    {row.count > 1 && (
                      <span
                        className="jp-Kubeflow-figure"
                        title={trans.__('%1 times', row.count.toLocaleString())}
                      >
                        ×{row.count.toLocaleString()}
                      </span>
                    )}
                    <RelativeTime iso={row.last} now={now} locale={locale} />
                  </div>
                  <div>{row.message}</div>
                </div>
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}
