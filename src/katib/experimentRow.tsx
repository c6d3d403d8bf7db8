import type { TranslationBundle } from '@jupyterlab/translation';

import type { IHealth } from '../client/kubernetes/kind';
import { formatNumber } from '../ui/format';
import type { StudyObject } from './kinds';
import { gaveNothing, type IFacts } from './model/facts';
import type { IStudy } from './model/study';
import { countsWords, endWords, objectiveWords, progressWords, remainingWords } from './stateWords';

/** What a row tells of a tuning experiment: the best value, how far it is, or why it failed or has no result; all of it on hover. */
export function ExperimentFigure(props: {
  trans: TranslationBundle;
  object: StudyObject;
  health: IHealth;
  objective: IStudy['objective'];
  facts: IFacts;
}): JSX.Element {
  const { trans, object, health, objective, facts } = props;
  const { best, budget, ended } = facts;
  const left = remainingWords(facts, trans);
  const goesOn = health.phase === 'running' || health.phase === 'pending';
  const counts = countsWords(facts.counts, trans);
  const title = [
    best === undefined
      ? trans.__('Objective: %1', objectiveWords(objective, trans))
      : trans.__('Best %1: %2', objectiveWords(objective, trans), best),
    counts ? trans.__('Trials: %1', counts) : trans.__('No trials yet'),
    ...(goesOn && left ? [left] : []),
    ...(health.message ? [health.message] : [])
  ].join('\n');
  const value = best !== undefined && (
    <span className="jp-Kubeflow-figure jp-Kubeflow-study-best" title={title}>
      {formatNumber(best)}
    </span>
  );
  const isSilent = health.phase === 'succeeded' && gaveNothing(facts);
  if (health.phase === 'failed' || health.phase === 'degraded' || isSilent) {
    return (
      <>
        {value}
        <span className="jp-Kubeflow-failure" title={title}>
          {endWords(object, facts, trans) ?? health.message ?? health.reason}
        </span>
      </>
    );
  }
  const spoken = [progressWords(facts, trans), counts].filter(Boolean).join(': ');
  const figure = budget === undefined ? String(ended) : `${ended}/${budget}`;
  return (
    <>
      {value}
      {goesOn && left && (
        <span className="jp-Kubeflow-figure jp-Kubeflow-study-left" title={title}>
          {left}
        </span>
      )}
      {goesOn && budget !== undefined ? (
        <span className="jp-Kubeflow-progress" title={title}>
          <span className="jp-Kubeflow-figure">{figure}</span>
          <progress value={ended} max={budget} aria-label={spoken} />
        </span>
      ) : (
        <span className="jp-Kubeflow-figure jp-Kubeflow-study-count" title={title}>
          {trans._n('%1 trial', '%1 trials', ended)}
        </span>
      )}
    </>
  );
}
