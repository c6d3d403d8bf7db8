import { useMemo } from 'react';

import { type IColumn, numbers } from '../../ui/charts/columns';
import type { IItems } from '../../ui/charts/items';
import { ScatterChart } from '../../ui/charts/scatterChart';
import { VisibleContext } from '../../ui/text';
import { ViewState } from '../../ui/viewState';
import type { IStudy } from '../model/study';
import { objectiveWords, trialStateLabel } from '../stateWords';
import { Chosen, useShown } from './chosen';
import { itemsOf, objectiveColumn, parameterColumn, placesOf } from './columns';
import { ImportanceSection } from './importanceSection';
import { bestSoFar } from './progress';
import type { IChartTabProps } from './props';
import { kindsOf, STATES } from './stateLooks';
import { placelessWords, progressWords } from './words';

/** The objective over trials, what of it each parameter decides, and the objective over each parameter. */
export function ObjectiveTab(props: IChartTabProps): JSX.Element {
  const { trans, visible, selected, onSelect } = props;
  const study = useShown(props.study, visible);
  const items = useMemo(() => itemsOf(study, trans), [study, trans]);
  const objective = useMemo(() => objectiveColumn(study), [study]);
  const kinds = useMemo(() => kindsOf(state => trialStateLabel(state, trans)), [trans]);
  const kindOf = useMemo(() => study.trials.map(({ state }) => STATES.indexOf(state)), [study]);
  const active = useMemo(() => placesOf(selected, study.trials), [selected, study]);
  if (study.trials.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('No trials yet. Each is a point here once it has begun.')}
      />
    );
  }
  const points = { trans, items, y: objective, kinds, kindOf, active, onSelect };
  return (
    <VisibleContext.Provider value={visible}>
      <div className="jp-Kubeflow-metrics">
        <Chosen
          trans={trans}
          all={study.trials.length}
          count={active?.size}
          none={trans.__('Drag a frame to choose trials; click a point to open its trial.')}
          clear={() => onSelect(new Set())}
        />
        <Progress {...points} study={study} onOpen={props.onOpen} />
        {study.parameters.length > 0 && (
          <>
            <ImportanceSection trans={trans} study={study} />
            <section>
              <h2>{trans.__('%1 over each parameter', study.objective.metric)}</h2>
              <div className="jp-Kubeflow-metrics-charts">
                {study.parameters.map(({ name }) => (
                  <Slice
                    key={name}
                    {...points}
                    study={study}
                    parameter={name}
                    onOpen={props.onOpen}
                  />
                ))}
              </div>
            </section>
          </>
        )}
      </div>
    </VisibleContext.Provider>
  );
}

type IPointProps = Pick<
  React.ComponentProps<typeof ScatterChart>,
  'trans' | 'items' | 'y' | 'kinds' | 'kindOf' | 'active' | 'onSelect' | 'onOpen'
> & { study: IStudy; items: IItems; y: IColumn };

/** The objective over trials, with the best so far and the goal. */
function Progress({ study, ...points }: IPointProps): JSX.Element {
  const { trans } = points;
  const { metric, goal } = study.objective;
  const numbersOf = useMemo(() => {
    const values = Float64Array.from(study.trials, each => each.number);
    return numbers({
      name: trans.__('Trial number'),
      values,
      limits: [0, undefined],
      whole: true
    });
  }, [study, trans]);
  const line = useMemo(() => {
    const best = bestSoFar(study);
    return {
      label: trans.__('best so far'),
      xs: best.map(({ number }) => number),
      ys: best.map(({ value }) => value)
    };
  }, [study, trans]);
  return (
    <ScatterChart
      {...points}
      title={trans.__('%1 over trials', metric)}
      description={`${progressWords(study, trans)} ${objectiveWords(study.objective, trans)}.`}
      x={numbersOf}
      line={line}
      level={goal === undefined ? undefined : { label: trans.__('goal: %1', goal), value: goal }}
      fileName={`${study.name}-objective`}
    />
  );
}

/** The objective over one parameter. */
function Slice(props: IPointProps & { parameter: string }): JSX.Element {
  const { study, parameter, ...points } = props;
  const column = useMemo(
    () =>
      parameterColumn(
        study.parameters.find(({ name }) => name === parameter)!,
        study.trials
      ),
    [study, parameter]
  );
  const note = placelessWords(column, points.trans);
  return (
    <div>
      <ScatterChart
        {...points}
        title={parameter}
        description={points.trans.__(
          '%1 over %2, of %3 trials.',
          study.objective.metric,
          parameter,
          study.trials.length
        )}
        x={column}
        withKey={false}
        height={230}
        fileName={`${study.name}-${parameter}`}
      />
      {note && <p className="jp-Kubeflow-quiet">{note}</p>}
    </div>
  );
}
