import type { TranslationBundle } from '@jupyterlab/translation';

import { healthOf } from '../../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import { formatDuration } from '../../graph/duration';
import { formatNumber, localeOf } from '../../ui/format';
import { Ago, useNow } from '../../ui/text';
import { remainingOf } from './remaining';
import type { Reports } from './reports';

/** How far the training is, how long it will take yet, and when it has said so. */
export function ProgressSection(props: {
  trans: TranslationBundle;
  job: ITrainJob;
  reports: Reports;
}): JSX.Element {
  const { trans, job, reports } = props;
  const { phase } = healthOf(trainJobs, job);
  const runs = phase === 'running' || phase === 'pending';
  const now = useNow(1000, runs);
  const { progressPercentage: percent, lastUpdatedTime } = job.status?.trainerStatus ?? {};
  const remaining = runs ? remainingOf(reports, now) : undefined;
  return (
    <section className="jp-Kubeflow-metrics-progress">
      {percent !== undefined && (
        <>
          <progress max={100} value={percent} aria-label={trans.__('Progress')} />
          <strong>{formatNumber(percent)} %</strong>
        </>
      )}
      {remaining && (
        <span
          title={
            remaining.by === 'training'
              ? trans.__('As the training estimates it')
              : trans.__('By the progress so far; the training itself gives no estimate')
          }
        >
          {remaining.ms < 1000
            ? trans.__('should end any moment')
            : trans.__('about %1 left', formatDuration(remaining.ms))}
        </span>
      )}
      {phase === 'suspended' && <span>{trans.__('suspended')}</span>}
      <span className="jp-Kubeflow-quiet">
        {trans.__('Last report')} <Ago iso={lastUpdatedTime} locale={localeOf(trans)} />
      </span>
    </section>
  );
}
