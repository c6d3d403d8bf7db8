/** Tuning experiments and their charts for specs. */
import { nullTranslator } from '@jupyterlab/translation';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';

import type { IChartTabProps } from '../katib/charts';
import type { IStudy, ITrial } from '../katib/model/study';
import { makeStudy, makeTrial } from './study';

const trans = nullTranslator.load('jupyterlab_kubeflow');

/** A trial whose loss is a tenth of its number. */
export const trial = (number: number, more: Partial<ITrial> = {}): ITrial =>
  makeTrial(number, {
    parameters: { lr: String(10 ** (-number % 4)), optimizer: number % 2 ? 'adam' : 'sgd' },
    metrics: { loss: { latest: number / 10, min: 0.01, max: 3 } },
    objective: number / 10,
    ...more
  });

/** A trial without a value. */
export const FAILED = trial(3, { state: 'failed', objective: undefined, metrics: {} });

/** A study of these trials, of a learning rate and an optimizer. */
export const studyOf = (trials: readonly ITrial[], more: Partial<IStudy> = {}): IStudy => {
  const study = makeStudy(trials, { best: trials[0]?.name, ...more });
  const optimizer = { name: 'optimizer', type: 'categorical', log: false } as const;
  const parameters = [...study.parameters, { ...optimizer, choices: ['sgd', 'adam'] }];
  return more.parameters ? study : { ...study, parameters };
};

/** A study of four trials, one of them failed. */
export const STUDY = studyOf([trial(1), trial(2), FAILED, trial(4)]);

/** A tab of charts. */
export type Tab = (props: IChartTabProps) => JSX.Element | null;

/** A tab in an experiment's detail, which keeps what is chosen. */
export function setUp(Tab: Tab, study = STUDY, chosen: string[] = []) {
  const opened: string[] = [];
  let choose: (names: ReadonlySet<string>) => void;
  let selected: ReadonlySet<string> = new Set();
  function Detail(props: { study: IStudy; visible: boolean; left?: boolean }): JSX.Element {
    const [names, setNames] = useState<ReadonlySet<string>>(new Set(chosen));
    selected = names;
    choose = setNames;
    return props.left ? (
      <></>
    ) : (
      <Tab
        trans={trans}
        study={props.study}
        visible={props.visible}
        selected={names}
        onSelect={setNames}
        onOpen={name => opened.push(name)}
      />
    );
  }
  const { container, rerender } = render(<Detail study={study} visible />);
  const leave = () => rerender(<Detail study={study} visible left />);
  return {
    container,
    opened,
    selected: () => [...selected].sort(),
    leave,
    choose: (names: string[]) => act(() => choose(new Set(names))),
    show: (next: IStudy, visible = true) => rerender(<Detail study={next} visible={visible} />)
  };
}

/** A pointer's event on the first chart, whose corner is at 0, 0. */
export const point = (type: string, x: number, y: number) =>
  fireEvent(
    screen.getAllByRole('img')[0]!,
    new MouseEvent(type, { bubbles: true, cancelable: true, clientX: x, clientY: y })
  );

/** How many trials are drawn by the paths that this finds. */
export const drawn = (container: HTMLElement, selector: string) =>
  [...container.querySelectorAll(selector)]
    .map(path => (path.getAttribute('d')?.match(/M/g) ?? []).length)
    .reduce((sum, each) => sum + each, 0);

/** Switches a chart to its table; what that has. */
export async function table(title: string): Promise<(string | null)[][]> {
  const chart = screen.getByRole('figure', { name: title });
  await userEvent.click(within(chart).getByRole('switch', { name: 'View as table' }));
  return within(chart)
    .getAllByRole('row')
    .map(row => [...row.children].map(cell => cell.textContent));
}
