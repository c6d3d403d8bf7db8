import type { TranslationBundle } from '@jupyterlab/translation';

import { ChartTable } from '../../ui/charts/chartTable';
import type { IMetricValue, IStudy, ITrial } from '../model/study';

const ROWS = 8;
const ROW_HEIGHT = 24;
const PARTS: readonly (keyof IMetricValue)[] = ['latest', 'min', 'max'];

/** What is known of trials without a history: the latest, the lowest and the highest value of each metric. */
export function LatestValues(props: {
  trans: TranslationBundle;
  study: IStudy;
  trials: readonly ITrial[];
  /** Why there is no history, in a sentence. */
  reason: string | undefined;
  /** Opens a trial, by name; left out where it is open. */
  onOpen: ((name: string) => void) | undefined;
}): JSX.Element {
  const { trans, study, trials, reason, onOpen } = props;
  const metrics = [study.objective.metric, ...study.additionalMetrics];
  const words = {
    latest: trans.__('latest'),
    min: trans.__('lowest'),
    max: trans.__('highest')
  };
  return (
    <section>
      <h2>{trans.__('Latest values')}</h2>
      <p className="jp-Kubeflow-quiet">
        {trans._n(
          'Of %1 trial no history is to be had, only its latest values.',
          'Of %1 trials no history is to be had, only their latest values.',
          trials.length
        )}
        {reason && ` ${reason}`}
      </p>
      <ChartTable
        title={trans.__('Latest values')}
        columns={[
          trans.__('Trial'),
          ...metrics.flatMap(metric => PARTS.map(part => `${metric}, ${words[part]}`))
        ]}
        count={trials.length}
        cells={row => {
          const { name, metrics: values } = trials[row]!;
          return [
            onOpen ? (
              <button
                key={name}
                type="button"
                className="jp-Kubeflow-chart-open"
                title={name}
                onClick={() => onOpen(name)}
              >
                {name}
              </button>
            ) : (
              name
            ),
            ...metrics.flatMap(metric => PARTS.map(part => String(values[metric]?.[part] ?? '')))
          ];
        }}
        height={ROW_HEIGHT * (1 + Math.min(ROWS, trials.length)) + 2}
      />
    </section>
  );
}
