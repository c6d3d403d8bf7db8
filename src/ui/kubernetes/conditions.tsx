import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICondition } from '../../client/kubernetes/conditions';
import { localeOf } from '../format';
import { ScrollTable } from '../scrollTable';
import { Ago } from '../text';
import { conditionSentences } from './conditionWords';
import { PhaseIcon } from './phase';

/** An object's conditions as sentences: since when, why and what to do; as the API writes them on demand. */
export function Conditions(props: {
  trans: TranslationBundle;
  conditions: readonly ICondition[];
  /** Whether to tell what to do; false where that stands elsewhere. */
  remedies?: boolean;
}): JSX.Element {
  const { trans, conditions, remedies = true } = props;
  const locale = localeOf(trans);
  if (conditions.length === 0) {
    return <p className="jp-Kubeflow-quiet">{trans.__('No conditions reported yet.')}</p>;
  }
  return (
    <div className="jp-Kubeflow-conditions">
      <ul aria-label={trans.__('Conditions')}>
        {conditionSentences(conditions, trans).map(each => (
          <li key={each.condition.type}>
            <PhaseIcon phase={each.phase} trans={trans} />
            <span className="jp-Kubeflow-conditions-text">
              <span>{each.text}</span>
              {each.message && <span className="jp-Kubeflow-quiet">{each.message}</span>}
              {remedies && each.remedy && <span>{each.remedy}</span>}
            </span>
            <Ago iso={each.since} locale={locale} />
          </li>
        ))}
      </ul>
      <details>
        <summary>{trans.__('As the server writes them')}</summary>
        <ScrollTable
          label={trans.__('Conditions as the server writes them')}
          columns={[
            trans.__('Type'),
            trans.__('Status'),
            trans.__('Reason'),
            trans.__('Message'),
            trans.__('Last transition')
          ]}
        >
          <tbody>
            {conditions.map(each => (
              <tr key={each.type}>
                <td>{each.type}</td>
                <td>{each.status}</td>
                <td>{each.reason}</td>
                <td>{each.message}</td>
                <td>{each.lastTransitionTime}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      </details>
    </div>
  );
}

/** The section of an object's overview that tells its conditions. */
export function StateSection(props: {
  trans: TranslationBundle;
  /** The object's; its conditions are as the API has them. */
  status: { readonly conditions?: readonly object[] } | undefined;
  remedies?: boolean;
}): JSX.Element {
  const { trans, status, remedies } = props;
  const conditions = (status?.conditions ?? []) as readonly ICondition[];
  return (
    <section>
      <h2>{trans.__('State')}</h2>
      <Conditions trans={trans} conditions={conditions} remedies={remedies} />
    </section>
  );
}
