import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { healthOf } from '../../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import { type ISeries, LineChart } from '../../ui/charts';
import { formatClock, formatNumber } from '../../ui/format';
import { KeyValue } from '../../ui/keyValue';
import { type IKubernetes, useKubernetes } from '../../ui/kubernetes/connection';
import { refusal } from '../../ui/kubernetes/problem';
import { VisibleContext } from '../../ui/text';
import { errorKind, OfflineBar } from '../../ui/viewState';
import type { TrainerContext } from '../context';
import { curvesOf, type ICurves, lineOf, parted, placesOf, progressOf, stepsOf } from './curves';
import { HowToReport } from './howToReport';
import { type IReportState, reportsFor } from './jobReports';
import { ProgressSection } from './progressSection';
import { numberOf, type Reports } from './reports';
import { UsageSection } from './usageSection';

const PERCENT = [0, 100] as const;
const FILTERED = 6;

/** What a job's tab shows of its progress, metrics and resources. */
export interface IMetricsTabProps {
  context: TrainerContext;
  job: ITrainJob;
  /** Whether it was deleted: what was read is shown, and no more is read. */
  gone?: boolean;
  /** Whether it is on the screen: nothing is read or drawn while it is not, but what the job says is noted. */
  visible: boolean;
}

/** How far a training is, its metrics over time or steps, and what its pods use. */
export function MetricsTab({ context, job, gone, visible }: IMetricsTabProps): JSX.Element {
  const { trans } = context;
  const kubernetes = useKubernetes(context.kubeflow);
  const [state, retry] = useReports(kubernetes, job, visible && !gone);
  const { reports } = state;
  const { phase } = healthOf(trainJobs, job);
  const ended = phase === 'succeeded' || phase === 'failed';
  return (
    <VisibleContext.Provider value={visible}>
      <div className="jp-Kubeflow-metrics">
        {!gone && <Problem context={context} job={job} state={state} retry={retry} />}
        {reports.count > 0 ? (
          <>
            <ProgressSection trans={trans} job={job} reports={reports} />
            <Charts context={context} job={job} state={state} />
          </>
        ) : (
          state.source !== undefined && (
            <HowToReport trans={trans} ended={ended} open={phase === 'running' && !gone} />
          )
        )}
        <UsageSection trans={trans} kubernetes={kubernetes} job={job} />
      </div>
    </VisibleContext.Provider>
  );
}

/** Follows the reports of a job. */
function useReports(
  kubernetes: IKubernetes,
  job: ITrainJob,
  visible: boolean
): [IReportState, () => void] {
  const { uid } = job.metadata ?? {};
  const reports = useMemo(() => reportsFor(kubernetes.client, job), [kubernetes, uid]);
  const state = useSyncExternalStore(reports.subscribe, reports.snapshot);
  const [turn, setTurn] = useState(0);
  const [signal, setSignal] = useState<AbortSignal>();
  useEffect(() => reports.note(job), [reports, job]);
  useEffect(() => {
    if (!visible) {
      return;
    }
    const abort = new AbortController();
    setSignal(abort.signal);
    return () => abort.abort();
  }, [reports, visible]);
  useEffect(() => {
    if (signal && !signal.aborted) {
      void reports.read(signal);
    }
  }, [reports, signal, job.status?.trainerStatus, turn]);
  return [state, () => setTurn(each => each + 1)];
}

/** What is missing from the history, and why. */
function Problem(props: {
  context: TrainerContext;
  job: ITrainJob;
  state: IReportState;
  retry: () => void;
}): JSX.Element | null {
  const { context, job, state, retry } = props;
  const { trans } = context;
  if (state.error == null) {
    return null;
  }
  const { namespace } = job.metadata ?? {};
  return errorKind(state.error) === 'forbidden' ? (
    <p className="jp-Kubeflow-notice" role="alert">
      {refusal({ verb: 'get', kind: trainJobs, namespace, subresource: 'metrics' }, trans)}
    </p>
  ) : (
    <OfflineBar trans={trans} error={state.error} retry={retry} />
  );
}

/** The charts, and over what they are drawn. */
function Charts(props: {
  context: TrainerContext;
  job: ITrainJob;
  state: IReportState;
}): JSX.Element {
  const { context, job, state } = props;
  const { trans } = context;
  const { reports, source, since } = state;
  const steps = stepsOf(reports);
  const [chosen, setChosen] = useState('');
  const [filter, setFilter] = useState('');
  const step = steps.includes(chosen) ? chosen : undefined;
  const all = curvesOf(reports);
  const wanted = filter.trim().toLowerCase();
  const curves = all.filter(({ metrics }) =>
    metrics.some(({ name }) => name.toLowerCase().includes(wanted))
  );
  const places = useMemo(() => placesOf(reports, step), [state, step]);
  const placeless = step === undefined ? 0 : places.filter(Number.isNaN).length;
  const x = {
    label: step ?? trans.__('Time'),
    unit: step === undefined ? ('time' as const) : ('number' as const)
  };
  const name = job.metadata?.name ?? '';
  return (
    <>
      <div className="jp-Kubeflow-metrics-toolbar">
        {steps.length > 0 && (
          <label className="jp-Kubeflow-check">
            {trans.__('Over')}
            <select
              className="jp-Kubeflow-input"
              value={step ?? ''}
              onChange={event => setChosen(event.target.value)}
            >
              <option value="">{trans.__('time')}</option>
              {steps.map(each => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        )}
        {all.length > FILTERED && (
          <input
            type="search"
            className="jp-Kubeflow-input"
            placeholder={trans.__('Filter metrics')}
            aria-label={trans.__('Filter metrics')}
            value={filter}
            onChange={event => setFilter(event.target.value)}
          />
        )}
        <span className="jp-Kubeflow-quiet">
          {source === 'server'
            ? trans._n('%1 report', '%1 reports', reports.count)
            : trans.__(
                '%1 seen since %2: this cluster keeps the last report only, so what came before is not here.',
                trans._n('%1 report', '%1 reports', reports.count),
                formatClock(since)
              )}
        </span>
      </div>
      {placeless > 0 && (
        <p className="jp-Kubeflow-quiet">
          {trans._n(
            '%1 report without “%2” is not drawn.',
            '%1 reports without “%2” are not drawn.',
            placeless,
            step!
          )}
        </p>
      )}
      <div className="jp-Kubeflow-metrics-charts">
        {reports.progress.some(Number.isFinite) && !wanted && (
          <ProgressChart context={context} x={x} job={name} state={state} places={places} />
        )}
        {curves.map(each => (
          <Curves
            key={each.family}
            context={context}
            x={x}
            job={name}
            state={state}
            places={places}
            curves={each}
          />
        ))}
      </div>
      <Latest context={context} reports={reports} />
    </>
  );
}

interface IChartProps {
  context: TrainerContext;
  x: { label: string; unit: 'time' | 'number' };
  /** The job's name. */
  job: string;
  state: IReportState;
  places: readonly number[];
}

/** Over time, a line is broken where the training was suspended; steps go on after it. */
function partedOver(x: IChartProps['x'], line: ISeries, { resumptions }: IReportState): ISeries {
  return x.unit === 'time' ? parted(line, resumptions) : line;
}

function ProgressChart({ context, x, job, state, places }: IChartProps): JSX.Element {
  const title = context.trans.__('Progress');
  const series = useMemo(
    () => [partedOver(x, progressOf(title, state.reports, places), state)],
    [state, places]
  );
  return (
    <LineChart
      trans={context.trans}
      title={title}
      x={x}
      y={{ label: title, unit: 'percent' }}
      series={series}
      limits={PERCENT}
      fileName={`${job}-progress`}
    />
  );
}

/** One family of metrics. */
function Curves(props: IChartProps & { curves: ICurves }): JSX.Element {
  const { context, x, job, state, places, curves } = props;
  const { family, metrics } = curves;
  const series = useMemo(
    () => metrics.map(each => partedOver(x, lineOf(each, places), state)),
    [state, places]
  );
  return (
    <LineChart
      trans={context.trans}
      title={family}
      x={x}
      y={{ label: family, unit: 'number' }}
      series={series}
      fileName={`${job}-${family}`}
    />
  );
}

/** The last value of each metric, also of those that are no numbers. */
function Latest(props: { context: TrainerContext; reports: Reports }): JSX.Element | null {
  const { trans } = props.context;
  const rows = [...props.reports.metrics.values()].map(({ name, last }) => {
    const value = numberOf(last);
    return {
      key: name,
      value: last,
      node: Number.isNaN(value) ? undefined : <>{formatNumber(value)}</>
    };
  });
  return rows.length === 0 ? null : (
    <section>
      <h2>{trans.__('Latest values')}</h2>
      <KeyValue label={trans.__('Latest values')} rows={rows} />
    </section>
  );
}
