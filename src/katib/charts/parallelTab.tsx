import { useEffect, useMemo, useRef, useState } from 'react';

import { type Brushes, itemsIn } from '../../ui/charts/brush';
import { ParallelChart } from '../../ui/charts/parallelChart';
import { RangesForm } from '../../ui/charts/rangesForm';
import { VisibleContext } from '../../ui/text';
import { ViewState } from '../../ui/viewState';
import { Chosen, useShown } from './chosen';
import { columnsOf, itemsOf, placesOf } from './columns';
import type { IChartTabProps } from './props';
import { parallelWords, placelessWords } from './words';

const NONE: Brushes = new Map();

/** The ranges by which trials were chosen, so that they are there again when the tab is. */
const chosenBy = new WeakMap<ReadonlySet<string>, Brushes>();

/** Trials as lines over their parameters and the objective. Ranges on the axes choose trials, in all views of the experiment. */
export function ParallelTab(props: IChartTabProps): JSX.Element {
  const { trans, visible, selected, onSelect } = props;
  const study = useShown(props.study, visible);
  const columns = useMemo(() => columnsOf(study), [study]);
  const items = useMemo(() => itemsOf(study, trans), [study, trans]);
  const [brushes, setBrushes] = useState(() => chosenBy.get(selected) ?? NONE);
  const [dragging, setDragging] = useState(false);
  const within = useMemo(
    () => (brushes.size > 0 ? itemsIn(brushes, columns, items.names.length) : undefined),
    [brushes, columns, items]
  );
  // What the ranges have chosen last: another choice is one that was made elsewhere, which they no longer tell.
  const told = useRef(chosenBy.has(selected) ? selected : undefined);
  useEffect(() => {
    if (!within || dragging || !visible) {
      return;
    }
    const names = new Set(within.map(item => items.names[item]!));
    if (isSame(names, told.current)) {
      chosenBy.set(told.current!, brushes);
    } else {
      told.current = names;
      chosenBy.set(names, brushes);
      onSelect(names);
    }
  }, [within, dragging, visible]);
  useEffect(() => {
    if (told.current && !isSame(selected, told.current)) {
      told.current = undefined;
      setBrushes(NONE);
    }
  }, [selected]);
  const active = useMemo(
    () => (within ? new Set(within) : placesOf(selected, study.trials)),
    [within, selected, study]
  );
  const clear = () => {
    told.current = undefined;
    setBrushes(NONE);
    onSelect(new Set());
  };
  const onBrush = (next: Brushes, done: boolean) => {
    setDragging(!done);
    if (done && next.size === 0) {
      clear();
    } else {
      setBrushes(next);
    }
  };
  if (study.trials.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('No trials yet. Each is a line here once it has begun.')}
      />
    );
  }
  const best = study.trials.findIndex(({ name }) => name === study.best);
  const without = study.trials.filter(({ objective }) => objective === undefined).length;
  return (
    <VisibleContext.Provider value={visible}>
      <div className="jp-Kubeflow-metrics">
        <Chosen
          trans={trans}
          all={study.trials.length}
          count={active?.size ?? within?.length}
          none={trans.__('Drag along an axis to choose a range; click a line to open its trial.')}
          clear={clear}
        />
        <ParallelChart
          trans={trans}
          title={trans.__('Parameters and %1', study.objective.metric)}
          description={parallelWords(study, trans)}
          items={items}
          columns={columns}
          active={active}
          best={best < 0 ? undefined : best}
          brushes={brushes}
          onBrush={onBrush}
          onOpen={props.onOpen}
          fileName={`${study.name}-parameters`}
        />
        <Notes>
          {without > 0 &&
            trans._n(
              '%1 trial has no value of %2: its line is dashed.',
              '%1 trials have no value of %2: their lines are dashed.',
              without,
              study.objective.metric
            )}
          {columns.map(column => placelessWords(column, trans))}
        </Notes>
        <RangesForm
          trans={trans}
          columns={columns}
          brushes={brushes}
          onBrush={next => onBrush(next, true)}
        />
      </div>
    </VisibleContext.Provider>
  );
}

/** Sentences beneath a chart, those that there are. */
function Notes(props: { children: React.ReactNode }): JSX.Element {
  const all = [props.children].flat(2).filter(each => typeof each === 'string');
  return (
    <>
      {all.map(each => (
        <p key={each as string} className="jp-Kubeflow-quiet">
          {each}
        </p>
      ))}
    </>
  );
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string> | undefined): boolean {
  return one.size === other?.size && [...one].every(name => other.has(name));
}
