import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo } from 'react';

import { BarChart } from '../../ui/charts/barChart';
import type { IStudy } from '../model/study';
import { importancesOf } from './importance';
import { importanceWords } from './words';

/** With fewer trials, chance decides. */
const FEWEST = 10;
/** So many of the best make importances steady. */
const STEADY = 5;

/** How much each parameter decides, how to read that, and whether there are enough trials to say it. */
export function ImportanceSection(props: { trans: TranslationBundle; study: IStudy }): JSX.Element {
  const { trans, study } = props;
  const found = useMemo(() => importancesOf(study), [study]);
  const { shares, trials, best } = found;
  return (
    <section>
      {trials < FEWEST ? (
        <>
          <h2>{trans.__('Importance of parameters')}</h2>
          <p className="jp-Kubeflow-quiet">
            {trans._n(
              'Too few trials to tell: %1 has succeeded with a value, %2 are needed.',
              'Too few trials to tell: %1 have succeeded with a value, %2 are needed.',
              trials,
              FEWEST
            )}
          </p>
        </>
      ) : (
        <>
          <BarChart
            trans={trans}
            title={trans.__('Importance of parameters')}
            description={importanceWords(found, trans)}
            labels={[trans.__('Parameter'), trans.__('Importance')]}
            bars={shares}
            fileName={`${study.name}-importance`}
          />
          <p className="jp-Kubeflow-quiet">
            {trans.__(
              'A long bar: whether a trial is among the best tenth depends much on this parameter. A short one: it hardly matters within its range. The bars add up to 1 (PED-ANOVA of %1 trials, %2 of them the best).',
              trials,
              best
            )}
            {best < STEADY &&
              ` ${trans.__(
                'Take it as a hint: it is steady from about %1 trials on.',
                10 * STEADY
              )}`}
          </p>
        </>
      )}
    </section>
  );
}
