/** The columns of the table of trials, and the same as a file. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatDuration } from '../graph/duration';
import { csvText } from '../ui/csv';
import type { IColumn } from '../ui/dataTable';
import { formatNumber } from '../ui/format';
import { Name, RelativeTime } from '../ui/text';
import type { IParameter, IStudy, ITrial } from './model/study';
import { numberOf } from './model/values';
import { trialStateLabel } from './stateWords';
import { TrialStateIcon } from './trialState';

/** The values of other metrics are their latest, as those of no strategy. */
const valueOf = (trial: ITrial, metric: string) => trial.metrics[metric]?.latest;

/** How long a trial took, in milliseconds; undefined while it has not ended. */
export function tookOf({ start, end }: ITrial): number | undefined {
  return start === undefined || end === undefined ? undefined : Math.max(0, end - start);
}

/** A parameter's value as it is sorted: by its number, a categorical one by its text. */
function sortable({ type }: IParameter, value: string | undefined): number | string | undefined {
  return type === 'categorical' ? value : (numberOf(value) ?? value);
}

/** The columns: number, trial, state, objective, other metrics, parameters, time. */
export function trialColumns(
  { objective, additionalMetrics, parameters }: IStudy,
  now: number,
  locale: string | undefined,
  trans: TranslationBundle
): IColumn<ITrial>[] {
  return [
    {
      id: 'number',
      label: trans.__('No.'),
      width: 4.5,
      number: true,
      sortBy: trial => trial.number,
      cell: trial => trial.number
    },
    {
      id: 'state',
      label: trans.__('State'),
      width: 4.5,
      sortBy: trial => trialStateLabel(trial.state, trans),
      cell: trial => (
        <span className="jp-Kubeflow-trial-state">
          <TrialStateIcon state={trial.state} trans={trans} />
        </span>
      )
    },
    {
      id: 'name',
      label: trans.__('Trial'),
      width: 13,
      grows: true,
      sortBy: trial => trial.name,
      cell: trial => <Name text={trial.name} />
    },
    {
      id: 'objective',
      label: objective.metric,
      width: 8,
      number: true,
      sortBy: trial => trial.objective,
      cell: trial => <Value value={trial.objective} why={trial.reason} />
    },
    ...additionalMetrics.map(metric => ({
      id: `metric ${metric}`,
      label: metric,
      width: 8,
      number: true,
      sortBy: (trial: ITrial) => valueOf(trial, metric),
      cell: (trial: ITrial) => <Value value={valueOf(trial, metric)} />
    })),
    ...parameters.map(parameter => ({
      id: `parameter ${parameter.name}`,
      label: parameter.name,
      width: 8,
      number: parameter.type !== 'categorical',
      sortBy: (trial: ITrial) => sortable(parameter, trial.parameters[parameter.name]),
      cell: (trial: ITrial) => (
        <Parameter parameter={parameter} value={trial.parameters[parameter.name]} />
      )
    })),
    {
      id: 'took',
      label: trans.__('Took'),
      width: 8,
      number: true,
      sortBy: tookOf,
      cell: trial => {
        const took = tookOf(trial);
        return took === undefined ? '' : formatDuration(took);
      }
    },
    {
      id: 'start',
      label: trans.__('Began'),
      width: 8,
      number: true,
      sortBy: trial => trial.start,
      cell: ({ start }) =>
        start === undefined ? (
          ''
        ) : (
          <RelativeTime iso={new Date(start).toISOString()} now={now} locale={locale} />
        )
    }
  ];
}

/** The trials as a file: all values exactly, times in ISO 8601 and UTC. */
export function trialsCsv(
  { objective, additionalMetrics, parameters }: IStudy,
  trials: readonly ITrial[],
  trans: TranslationBundle
): string {
  const iso = (time: number | undefined) =>
    time === undefined ? undefined : new Date(time).toISOString();
  return csvText([
    [
      'number',
      'trial',
      'state',
      objective.metric,
      ...additionalMetrics,
      ...parameters.map(({ name }) => name),
      'began',
      'ended',
      'reason'
    ],
    ...trials.map(trial => [
      trial.number,
      trial.name,
      trialStateLabel(trial.state, trans),
      trial.objective,
      ...additionalMetrics.map(metric => valueOf(trial, metric)),
      ...parameters.map(({ name }) => trial.parameters[name]),
      iso(trial.start),
      iso(trial.end),
      trial.reason
    ])
  ]);
}

/** Whether a trial is looked for by a text: in its name, its parameters as `lr=0.01`, and why it is as it is. */
export function holdsText(trial: ITrial, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return (
    wanted === '' ||
    trial.name.toLowerCase().includes(wanted) ||
    (trial.reason ?? '').toLowerCase().includes(wanted) ||
    Object.entries(trial.parameters).some(([name, value]) =>
      `${name}=${value}`.toLowerCase().includes(wanted)
    )
  );
}

function Value(props: { value: number | undefined; why?: string }): JSX.Element {
  const { value, why } = props;
  return value === undefined ? (
    <span className="jp-Kubeflow-quiet" title={why}>
      –
    </span>
  ) : (
    <span title={String(value)}>{formatNumber(value)}</span>
  );
}

function Parameter(props: { parameter: IParameter; value: string | undefined }): JSX.Element {
  const { parameter, value = '' } = props;
  const number = parameter.type === 'categorical' ? undefined : numberOf(value);
  return <span title={value}>{number === undefined ? value : formatNumber(number)}</span>;
}
