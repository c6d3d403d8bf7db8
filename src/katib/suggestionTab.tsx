import { healthOf } from '../client/kubernetes/kind';
import { type IExperiment, suggestions } from '../client/kubernetes/kinds';
import { KeyValue } from '../ui/keyValue';
import { StateSection } from '../ui/kubernetes/conditions';
import { healthWords, PhaseIcon } from '../ui/kubernetes/phase';
import { ViewState } from '../ui/viewState';
import type { KatibContext } from './context';
import type { IStudyParts } from './useStudy';

/** How many characters of a setting are shown: algorithms carry on states of any length. */
const LONGEST = 200;

type Settings = readonly { name?: string; value?: string }[];

/** Who suggests what the trials try: the algorithm with its settings, how many it was asked for, and how it is. */
export function SuggestionTab(props: {
  context: KatibContext;
  experiment: IExperiment;
  parts: IStudyParts;
}): JSX.Element {
  const { context, experiment, parts } = props;
  const { trans } = context;
  const { suggestion } = parts;
  const { algorithm, earlyStopping } = experiment.spec;
  const settings = (label: string, given: Settings | undefined) =>
    given && given.length > 0 ? (
      <section>
        <h2>{label}</h2>
        <KeyValue
          label={label}
          rows={given.map(({ name = '', value = '' }) => ({
            key: name,
            value: value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value,
            ...(value.length > LONGEST && {
              exact: trans.__('The first %1 of %2 characters.', LONGEST, value.length)
            })
          }))}
        />
      </section>
    ) : null;
  if (!suggestion) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__(
          'Katib has not asked for suggestions yet, has removed them with the experiment, or you may not list Suggestions in %1.',
          experiment.metadata?.namespace
        )}
      />
    );
  }
  const health = healthOf(suggestions, suggestion);
  return (
    <div className="jp-Kubeflow-overview">
      <section>
        <h2>{trans.__('Suggestions')}</h2>
        <KeyValue
          words
          label={trans.__('Suggestions')}
          rows={[
            {
              key: trans.__('State'),
              value: health.message ?? healthWords(health, trans),
              node: (
                <span className="jp-Kubeflow-copyable">
                  <PhaseIcon phase={health.phase} trans={trans} />
                  {healthWords(health, trans)}
                </span>
              )
            },
            { key: trans.__('Algorithm'), value: algorithm?.algorithmName ?? '' },
            ...(earlyStopping
              ? [{ key: trans.__('Early stopping'), value: earlyStopping.algorithmName ?? '' }]
              : []),
            { key: trans.__('Asked for'), value: String(suggestion.spec.requests ?? 0) },
            { key: trans.__('Given'), value: String(suggestion.status?.suggestionCount ?? 0) }
          ]}
        />
      </section>
      {settings(trans.__('Settings of the algorithm'), algorithm?.algorithmSettings)}
      {settings(trans.__('Settings of early stopping'), earlyStopping?.algorithmSettings)}
      {settings(trans.__('What it carries on'), suggestion.status?.algorithmSettings)}
      <StateSection trans={trans} status={suggestion.status} />
    </div>
  );
}
