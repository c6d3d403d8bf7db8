import { formatNumber } from '../ui/format';
import { KeyValue } from '../ui/keyValue';
import { StateSection } from '../ui/kubernetes/conditions';
import { ScrollTable } from '../ui/scrollTable';
import { useNow } from '../ui/text';
import { TextButton } from '../ui/viewState';
import { CommandIDs, type KatibContext } from './context';
import { isExperiment, type StudyObject, studyHealth } from './kinds';
import { reachesGoal } from './model/best';
import { budgetOf, factsOfStudy, gaveNothing, type IFacts, TRIAL_STATES } from './model/facts';
import type { IParameter, IStudy, ITrial } from './model/study';
import {
  nothingWords,
  objectiveWords,
  remainingWords,
  remedyWords,
  trialStateLabel
} from './stateWords';
import { TrialStateIcon } from './trialState';
import type { IStudyParts } from './useStudy';

/** What is best, how far it is, and what is tried. */
export function OverviewTab(props: {
  context: KatibContext;
  object: StudyObject;
  parts: IStudyParts;
  onOpen: (trial: string) => void;
}): JSX.Element {
  const { context, object, parts, onOpen } = props;
  const { trans } = context;
  const { study } = parts;
  const { phase, message } = studyHealth(object);
  const now = useNow(1000, phase === 'running' || phase === 'pending');
  const facts = factsOfStudy(study, budgetOf(object), now);
  const remedy = remedyWords(object, facts, trans);
  const failed = phase === 'failed' || phase === 'degraded';
  const isSilent = phase === 'succeeded' && gaveNothing(facts);
  const cause = isSilent ? nothingWords(facts, trans) : message;
  const { failed: broken, 'metrics-unavailable': silent } = facts.counts;
  const culprit = silent > broken ? 'metrics-unavailable' : 'failed';
  const failure = study.trials.find(({ state }) => state === culprit);
  return (
    <div className="jp-Kubeflow-overview">
      {(failed || isSilent) && (
        <section className="jp-Kubeflow-cause jp-mod-failed" role="alert">
          {cause && (
            <p>
              <strong>{cause}</strong>
            </p>
          )}
          {remedy && <p>{remedy}</p>}
          {failure && (
            <button type="button" className="jp-Kubeflow-link" onClick={() => onOpen(failure.name)}>
              {trans.__('Open the trial %1', failure.name)}
            </button>
          )}
        </section>
      )}
      <section>
        <h2>{trans.__('Best trial')}</h2>
        <Best context={context} study={study} isSilent={isSilent} onOpen={onOpen} />
      </section>
      <section>
        <h2>{trans.__('Progress')}</h2>
        <Progress context={context} object={object} facts={facts} live={phase === 'running'} />
      </section>
      <section>
        <h2>{trans.__('What is tried')}</h2>
        <KeyValue
          words
          label={trans.__('What is tried')}
          rows={setupRows(context, object, study)}
        />
        <SearchSpace context={context} parameters={study.parameters} />
      </section>
      <StateSection trans={trans} status={object.status} />
    </div>
  );
}

function Best(props: {
  context: KatibContext;
  study: IStudy;
  isSilent: boolean;
  onOpen: (trial: string) => void;
}): JSX.Element {
  const { context, study, isSilent, onOpen } = props;
  const { trans, commands } = context;
  const { objective } = study;
  const best = study.trials.find(({ name }) => name === study.best);
  if (!best) {
    return (
      <p className="jp-Kubeflow-quiet">
        {isSilent
          ? trans.__('No trial has reported “%1”.', objective.metric)
          : trans.__('No trial has reported “%1” so far.', objective.metric)}
      </p>
    );
  }
  const args = {
    kind: study.kind,
    namespace: study.namespace,
    name: best.name,
    experiment: study.name
  };
  return (
    <>
      <p className="jp-Kubeflow-best">
        {best.objective !== undefined && (
          <strong title={String(best.objective)}>{formatNumber(best.objective)}</strong>
        )}
        <span>{objectiveWords(objective, trans)}</span>
        {objective.goal !== undefined && (
          <span className="jp-Kubeflow-quiet">
            {best.objective !== undefined && reachesGoal(best.objective, objective)
              ? trans.__('goal %1 reached', formatNumber(objective.goal))
              : trans.__('goal %1', formatNumber(objective.goal))}
          </span>
        )}
        <button type="button" className="jp-Kubeflow-link" onClick={() => onOpen(best.name)}>
          {trans.__('No. %1, %2', best.number, best.name)}
        </button>
      </p>
      <TrialValues context={context} study={study} trial={best} />
      <div className="jp-Kubeflow-actions">
        <TextButton primary onClick={() => void commands.execute(CommandIDs.trainWith, args)}>
          {trans.__('Train with these…')}
        </TextButton>
        <TextButton onClick={() => void commands.execute(CommandIDs.copyParameters, args)}>
          {trans.__('Copy parameters to cell')}
        </TextButton>
        {commands.isVisible(CommandIDs.registerModel, args) && (
          <TextButton onClick={() => void commands.execute(CommandIDs.registerModel, args)}>
            {trans.__('Register model…')}
          </TextButton>
        )}
      </div>
    </>
  );
}

/** A trial's parameters, and its metrics but for the objective. */
export function TrialValues(props: {
  context: KatibContext;
  study: Pick<IStudy, 'objective'>;
  trial: Pick<ITrial, 'parameters' | 'metrics'>;
}): JSX.Element {
  const { context, study, trial } = props;
  const { trans } = context;
  const others = Object.entries(trial.metrics).filter(
    ([name, { latest }]) => name !== study.objective.metric && latest !== undefined
  );
  return (
    <div className="jp-Kubeflow-trial-values">
      <div>
        <h3>{trans.__('Parameters')}</h3>
        <KeyValue
          label={trans.__('Parameters')}
          rows={Object.entries(trial.parameters).map(([key, value]) => ({ key, value }))}
        />
      </div>
      {others.length > 0 && (
        <div>
          <h3>{trans.__('Other metrics, at the end')}</h3>
          <KeyValue
            label={trans.__('Other metrics')}
            rows={others.map(([key, { latest }]) => ({
              key,
              value: latest,
              exact: String(latest)
            }))}
          />
        </div>
      )}
    </div>
  );
}

function Progress(props: {
  context: KatibContext;
  object: StudyObject;
  facts: IFacts;
  live: boolean;
}): JSX.Element {
  const { context, object, facts, live } = props;
  const { trans } = context;
  const { ended, budget, counts } = facts;
  const { parallel } = budgetOf(object);
  const left = live ? remainingWords(facts, trans) : undefined;
  const most = isExperiment(object) ? object.spec.maxFailedTrialCount : undefined;
  const words = [
    budget === undefined
      ? trans._n(
          '%1 trial has ended, without a limit',
          '%1 trials have ended, without a limit',
          ended
        )
      : trans.__('%1 of %2 trials have ended', ended, budget),
    trans.__('at most %1 at the same time', parallel),
    ...(most === undefined ? [] : [trans.__('it fails with %1 failed trials', most)]),
    ...(left ? [left] : [])
  ].join(', ');
  return (
    <>
      {budget !== undefined && (
        <div className="jp-Kubeflow-progress jp-Kubeflow-study-progress">
          <progress value={ended} max={Math.max(budget, ended)} aria-label={words} />
        </div>
      )}
      <p>{words}.</p>
      <ul className="jp-Kubeflow-trial-counts" aria-label={trans.__('Trials by state')}>
        {TRIAL_STATES.filter(state => counts[state] > 0).map(state => (
          <li key={state}>
            <TrialStateIcon state={state} trans={trans} />
            {counts[state]} {trialStateLabel(state, trans).toLowerCase()}
          </li>
        ))}
      </ul>
    </>
  );
}

function setupRows({ trans }: KatibContext, object: StudyObject, study: IStudy) {
  const katib = isExperiment(object) ? object.spec : undefined;
  const settings = (katib?.algorithm?.algorithmSettings ?? [])
    .map(({ name, value }) => `${name}=${value}`)
    .join(', ');
  const seed = isExperiment(object) ? undefined : object.spec.searchAlgorithm?.random?.seed;
  const given = settings || (seed === undefined ? '' : `seed=${seed}`);
  const optional = (key: string, value: string | undefined) => (value ? [{ key, value }] : []);
  return [
    { key: trans.__('Objective'), value: objectiveWords(study.objective, trans) },
    ...optional(trans.__('Other metrics'), study.additionalMetrics.join(', ')),
    {
      key: trans.__('Algorithm'),
      value: given ? trans.__('%1 with %2', study.algorithm, given) : study.algorithm
    },
    ...optional(trans.__('Early stopping'), katib?.earlyStopping?.algorithmName),
    ...optional(trans.__('Resume policy'), katib?.resumePolicy)
  ];
}

function SearchSpace(props: {
  context: KatibContext;
  parameters: readonly IParameter[];
}): JSX.Element {
  const { context, parameters } = props;
  const { trans } = context;
  return (
    <ScrollTable
      label={trans.__('Search space')}
      columns={[trans.__('Parameter'), trans.__('Type'), trans.__('Values')]}
    >
      <tbody>
        {parameters.map(parameter => (
          <tr key={parameter.name}>
            <th scope="row">{parameter.name}</th>
            <td>{parameter.type}</td>
            <td>{rangeWords(parameter, context)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

/** `0.0001 to 0.1, by its logarithm`, `1 to 8, step 1`, `adam, sgd`. */
function rangeWords(parameter: IParameter, { trans }: KatibContext): string {
  const { choices, min, max, step, log } = parameter;
  if (choices) {
    return choices.join(', ');
  }
  return [
    trans.__(
      '%1 to %2',
      min === undefined ? '…' : formatNumber(min),
      max === undefined ? '…' : formatNumber(max)
    ),
    ...(step === undefined ? [] : [trans.__('step %1', formatNumber(step))]),
    ...(log ? [trans.__('by its logarithm')] : [])
  ].join(', ');
}
