import { useDeferredValue, useMemo, useRef } from 'react';

import { trainJobs, trials as trialKind } from '../client/kubernetes/kinds';
import { DataTable } from '../ui/dataTable';
import type { IRows } from '../ui/useRows';
import { FilterBar } from '../ui/filterBar';
import { Footer } from '../ui/footer';
import { localeOf } from '../ui/format';
import { problemOf } from '../ui/kubernetes/problem';
import { Unwatched } from '../ui/kubernetes/unwatched';
import { LiveView } from '../ui/liveView';
import { saveAs } from '../ui/saveAs';
import { type ISort, sortRows } from '../ui/sortRows';
import { useNow } from '../ui/text';
import { TextButton, ViewState } from '../ui/viewState';
import type { KatibContext } from './context';
import { TRIAL_STATES } from './model/facts';
import type { ITrial } from './model/study';
import { trialStateLabel } from './stateWords';
import { holdsText, trialColumns, trialsCsv } from './trialColumns';
import type { IStudyParts } from './useStudy';

/** The value of the filter that shows the trials that are chosen. */
const CHOSEN = 'chosen';

/** What is filtered and sorted by; it stays while other tabs are looked at. */
export interface ITrialsView {
  readonly text: string;
  /** A state, `chosen`, or empty for all. */
  readonly choice: string;
  readonly sort: ISort;
}

/** All trials, the newest first. */
export const ALL_TRIALS: ITrialsView = {
  text: '',
  choice: '',
  sort: { by: 'number', descending: true }
};

/** All trials as a table: sorted by any column, filtered, saved as CSV; what is chosen here is chosen in the charts. */
export function TrialsTab(props: {
  context: KatibContext;
  parts: IStudyParts;
  view: ITrialsView;
  onView: (view: ITrialsView) => void;
  selected: ReadonlySet<string>;
  onSelect: (names: ReadonlySet<string>) => void;
  onOpen: (name: string) => void;
}): JSX.Element {
  const { context, parts, selected, onSelect, onOpen } = props;
  const { trans } = context;
  const { study, trials: state, retry } = parts;
  const { text, choice, sort } = props.view;
  const change = (part: Partial<ITrialsView>) => props.onView({ ...props.view, ...part });
  const input = useRef<HTMLInputElement>(null);
  const table = useRef<IRows>(null);
  const now = useNow(10_000);
  const wanted = useDeferredValue(text);
  const columns = useMemo(
    () => trialColumns(study, now, localeOf(trans), trans),
    [study, now, trans]
  );
  const chosen = choice === CHOSEN ? selected : undefined;
  const shown = useMemo(() => {
    const by = columns.find(({ id }) => id === sort.by)?.sortBy ?? (({ number }) => number);
    const found = study.trials.filter(
      trial =>
        holdsText(trial, wanted) &&
        (chosen ? chosen.has(trial.name) : choice === '' || trial.state === choice)
    );
    return sortRows(found, by, sort.descending);
  }, [study, columns, sort, wanted, choice, chosen]);

  const kind = study.kind === 'Experiment' ? trialKind : trainJobs;
  const access = { verb: 'list', kind, namespace: study.namespace } as const;
  const clear = () => change({ text: '', choice: '' });
  const all = study.trials.length;
  const count = [
    shown.length < all
      ? trans.__('%1 of %2 trials', shown.length.toLocaleString(), all.toLocaleString())
      : trans._n('%1 trial', '%1 trials', all),
    ...(selected.size > 0 ? [trans.__('%1 chosen', selected.size.toLocaleString())] : [])
  ].join(', ');
  return (
    <div className="jp-Kubeflow-section">
      <div className="jp-Kubeflow-trials-bar">
        <FilterBar
          trans={trans}
          label={trans.__('Filter trials by name, parameter=value or reason')}
          text={text}
          onText={next => change({ text: next })}
          onLeave={() => table.current?.focus()}
          input={input}
          choice={{
            label: trans.__('State'),
            value: choice,
            options: [
              { value: '', label: trans.__('All') },
              { value: CHOSEN, label: trans.__('Chosen') },
              ...TRIAL_STATES.map(value => ({ value, label: trialStateLabel(value, trans) }))
            ],
            onChange: next => change({ choice: next })
          }}
        />
        {selected.size > 0 && (
          <TextButton onClick={() => onSelect(new Set())}>{trans.__('Choose none')}</TextButton>
        )}
        <TextButton
          disabled={shown.length === 0}
          onClick={() =>
            saveAs(
              new Blob([trialsCsv(study, shown, trans)], { type: 'text/csv' }),
              `${study.name}-trials.csv`
            )
          }
        >
          {trans.__('Save as CSV')}
        </TextButton>
      </div>
      <Unwatched trans={trans} state={state} access={{ ...access, verb: 'watch' }} retry={retry} />
      <LiveView
        state={state}
        trans={trans}
        retry={retry}
        {...problemOf(access, state.error, trans)}
      >
        {() =>
          shown.length > 0 ? (
            <DataTable
              label={trans.__('Trials')}
              columns={columns}
              rows={shown}
              rowKey={nameOf}
              rowLabel={trial =>
                [
                  trial.name,
                  trialStateLabel(trial.state, trans),
                  ...(trial.name === study.best ? [trans.__('the best')] : [])
                ].join(', ')
              }
              isMarked={trial => trial.name === study.best}
              sort={sort}
              onSort={next => change({ sort: next })}
              selected={selected}
              onSelect={onSelect}
              onOpen={trial => onOpen(trial.name)}
              onFilter={() => input.current?.focus()}
              handle={table}
            />
          ) : all > 0 ? (
            <ViewState
              kind="no-match"
              trans={trans}
              message={trans.__('No trial matches.')}
              action={{ label: trans.__('Clear filter'), run: clear }}
            />
          ) : (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__(
                'No trials yet. They begin when the algorithm has made its first suggestions.'
              )}
            />
          )
        }
      </LiveView>
      {state.data !== undefined && <Footer trans={trans} state={state} count={count} />}
    </div>
  );
}

const nameOf = (trial: ITrial) => trial.name;
