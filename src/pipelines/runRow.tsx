import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRun } from '../client/pipelines';
import { localeOf } from '../ui/format';
import { isFinal, StateIcon } from '../ui/state';
import { Elapsed, Name, RelativeTime } from '../ui/text';
import type { IProgress } from './progress';

/** A run as one line: state, name, one key figure, and when it was created; a run that goes on or failed says how far or where instead. */
export function RunRow(props: {
  run: IRun;
  progress: IProgress | undefined;
  now: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { run, progress, trans } = props;
  const counts = run.state === 'running' && progress !== undefined && progress.total > 0;
  const failedIn = run.state === 'failed' ? progress?.failed : undefined;
  return (
    <>
      <StateIcon state={run.state} trans={trans} />
      <Name text={run.name} />
      {counts && <Progress {...progress} trans={trans} />}
      {failedIn ? (
        <span className="jp-Kubeflow-failure" title={run.error}>
          {trans.__('step “%1” failed', failedIn)}
        </span>
      ) : (
        <Elapsed
          start={run.createdAt}
          end={isFinal(run.state) ? (run.finishedAt ?? run.createdAt) : undefined}
        />
      )}
      {!counts && !failedIn && (
        <RelativeTime iso={run.createdAt} now={props.now} locale={localeOf(trans)} />
      )}
    </>
  );
}

function Progress(props: IProgress & { trans: TranslationBundle }): JSX.Element {
  const { done, total, trans } = props;
  const label = trans.__('%1 of %2 tasks done', done, total);
  return (
    <span className="jp-Kubeflow-progress" title={label}>
      <span className="jp-Kubeflow-figure">
        {done}/{total}
      </span>
      <progress value={done} max={total} aria-label={label} />
    </span>
  );
}
