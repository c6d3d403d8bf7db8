import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { LineChart } from '../../ui/charts';
import { VisibleContext } from '../../ui/text';
import { errorMessage, Skeleton, TextButton, ViewState } from '../../ui/viewState';
import type { ITrial } from '../model/study';
import { Chosen, useShown } from './chosen';
import { type IKnownTrial, linesOf, metricsOf, type Over, oversOf } from './curves';
import { LatestValues } from './latestValues';
import { bestFirst } from './order';
import type { ICurvesTabProps } from './props';
import { goesOn, type IKnown, TrialSeries } from './trialSeries';

/** So many trials are drawn where none is chosen, and so many more at a time. */
const SHOWN = 6;
const MORE = 12;
/** Of a chart, in pixels, and for each line more of what is said beside the pointer. */
const HEIGHT = 220;
const LINE = 20;
/** Milliseconds between two questions for what trials that go on have reported. */
const PAUSE = 5000;

/** The metrics of chosen trials as they changed, or of the best where none is chosen. Of a study of one trial there is nothing to choose. */
export function CurvesTab(props: ICurvesTabProps): JSX.Element {
  const { trans, visible, selected, onSelect } = props;
  const study = useShown(props.study, visible);
  const [most, setMost] = useState(SHOWN);
  const sorted = useMemo(() => bestFirst(study), [study]);
  const chosen = useMemo(() => sorted.filter(({ name }) => selected.has(name)), [sorted, selected]);
  const any = chosen.length > 0;
  useEffect(() => setMost(any ? MORE : SHOWN), [selected]);
  const all = any ? chosen : sorted.filter(({ state }) => state !== 'pending');
  const trials = useMemo(() => all.slice(0, most), [all.length, sorted, chosen, most]);
  const [known, retry] = useSeries(trials, props.series, visible);
  if (study.trials.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('No trials yet. What they report is drawn here.')}
      />
    );
  }
  const words = any
    ? trans._n(
        '%2 of %1 chosen trial, best first.',
        '%2 of %1 chosen trials, best first.',
        all.length,
        trials.length
      )
    : trans._n(
        '%2 of %1 trial, best first.',
        '%2 of %1 trials, best first.',
        all.length,
        trials.length
      );
  return (
    <VisibleContext.Provider value={visible}>
      <div className="jp-Kubeflow-metrics">
        {study.trials.length > 1 && (
          <>
            {study.trials.length > 1 && (
              <>
                {' '}
                <Chosen
                  trans={trans}
                  all={study.trials.length}
                  count={any ? chosen.length : undefined}
                  none={trans.__('Choose trials in the table or in a chart to see theirs.')}
                  clear={() => onSelect(new Set())}
                />
                <div className="jp-Kubeflow-chosen">
                  <span className="jp-Kubeflow-quiet">{words}</span>
                  {all.length > trials.length && (
                    <TextButton onClick={() => setMost(most + MORE)}>
                      {trans._n(
                        'Show %1 more',
                        'Show %1 more',
                        Math.min(MORE, all.length - trials.length)
                      )}
                    </TextButton>
                  )}
                </div>
              </>
            )}
          </>
        )}{' '}
        <Problems trans={trans} trials={trials} known={known} retry={retry} />
        <Charts {...props} study={study} trials={trials} known={known} />
      </div>
    </VisibleContext.Provider>
  );
}

/** What is known of trials, read while it is looked at. */
function useSeries(
  trials: readonly ITrial[],
  series: ICurvesTabProps['series'],
  visible: boolean
): [ReadonlyMap<string, IKnown>, () => void] {
  const [store] = useState(() => new TrialSeries());
  const known = useSyncExternalStore(store.subscribe, store.snapshot);
  useEffect(() => {
    if (visible) {
      void store.read(trials, series, false);
    }
  }, [store, trials, visible]);
  const going = visible && trials.some(goesOn);
  useEffect(() => {
    if (going) {
      const timer = window.setInterval(() => void store.read(trials, series, true), PAUSE);
      return () => window.clearInterval(timer);
    }
    return undefined;
  }, [store, trials, going]);
  return [known, () => void store.read(trials, series, true)];
}

interface IKnownProps extends Pick<ICurvesTabProps, 'trans'> {
  trials: readonly ITrial[];
  known: ReadonlyMap<string, IKnown>;
}

/** Of which trials the metrics could not be read, and why. */
function Problems({ trans, trials, known, retry }: IKnownProps & { retry: () => void }) {
  const failed = trials.filter(({ uid }) => known.get(uid)?.error !== undefined);
  return failed.length === 0 ? null : (
    <div className="jp-Kubeflow-notice" role="alert">
      <span>
        {trans._n(
          'The metrics of %1 trial could not be read: %2',
          'The metrics of %1 trials could not be read: %2',
          failed.length,
          errorMessage(known.get(failed[0]!.uid)!.error)
        )}
      </span>
      <TextButton onClick={retry}>{trans.__('Retry now')}</TextButton>
    </div>
  );
}

/** A chart for each metric, and the latest values of trials that have no history. */
function Charts(props: ICurvesTabProps & IKnownProps): JSX.Element {
  const { trans, study, trials, known } = props;
  const [chosen, setChosen] = useState('count');
  const read = useMemo(
    () =>
      trials.flatMap((trial): (IKnownTrial & { trial: ITrial })[] => {
        const series = known.get(trial.uid)?.series;
        return series ? [{ name: trial.name, trial, series }] : [];
      }),
    [trials, known]
  );
  const latest = read.filter(({ series }) => series.source === 'latest');
  const first = useMemo(() => [study.objective.metric, ...study.additionalMetrics], [study]);
  const metrics = useMemo(() => metricsOf(read, first), [read, first]);
  const overs = useMemo(() => oversOf(read), [read]);
  const over = overs.find(each => keyOf(each) === chosen) ?? overs[0]!;
  const words = (each: Over) =>
    each.kind === 'step'
      ? each.name
      : each.kind === 'time'
        ? trans.__('Time since its first value')
        : trans.__('Count of values');
  if (read.length === 0) {
    return trials.every(({ uid }) => known.has(uid)) ? <></> : <Skeleton trans={trans} />;
  }
  const silent = read.length - latest.length > 0 && metrics.length === 0;
  return (
    <>
      {metrics.length > 0 && overs.length > 1 && (
        <label className="jp-Kubeflow-check">
          {trans.__('Over')}
          <select
            className="jp-Kubeflow-input"
            value={keyOf(over)}
            onChange={event => setChosen(event.target.value)}
          >
            {overs.map(each => (
              <option key={keyOf(each)} value={keyOf(each)}>
                {words(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="jp-Kubeflow-metrics-charts">
        {metrics.map(metric => (
          <Curve
            key={metric}
            trans={trans}
            trials={read}
            metric={metric}
            over={over}
            label={words(over)}
            fileName={`${study.name}-${metric}`}
          />
        ))}
      </div>
      {silent && (
        <p className="jp-Kubeflow-quiet">{trans.__('These trials have reported no values yet.')}</p>
      )}
      {latest.length > 0 && (
        <LatestValues
          trans={trans}
          study={study}
          trials={latest.map(({ trial }) => trial)}
          reason={latest[0]!.series.reason}
          onOpen={study.trials.length > 1 ? props.onOpen : undefined}
        />
      )}
    </>
  );
}

/** One metric of all trials. */
function Curve(props: {
  trans: ICurvesTabProps['trans'];
  trials: readonly IKnownTrial[];
  metric: string;
  over: Over;
  label: string;
  fileName: string;
}): JSX.Element {
  const { trans, trials, metric, over, label } = props;
  const series = useMemo(() => linesOf(trials, metric, over), [trials, metric, keyOf(over)]);
  return (
    <LineChart
      trans={trans}
      title={metric}
      x={{ label, unit: over.kind === 'time' ? 'seconds' : 'number' }}
      y={{ label: metric, unit: 'number' }}
      series={series}
      height={Math.min(480, HEIGHT + LINE * Math.max(0, series.length - 8))}
      fileName={props.fileName}
    />
  );
}

function keyOf(over: Over): string {
  return over.kind === 'step' ? `step ${over.name}` : over.kind;
}
