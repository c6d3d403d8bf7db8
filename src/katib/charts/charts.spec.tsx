import { nullTranslator } from '@jupyterlab/translation';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';

import { giveElementsSize } from '../../testing/element-size';
import { showElements } from '../../testing/on-screen';
import { saveAs } from '../../ui/saveAs';
import type { IStudy, ITrial } from '../model/study';
import { CurvesTab, type ISeries, ObjectiveTab, ParallelTab } from '.';

jest.mock('../../ui/saveAs', () => ({ saveAs: jest.fn() }));
jest.mock('../../ui/charts/draw', () => ({
  Drawing: class {
    update = jest.fn();
    dispose = jest.fn();
  }
}));

beforeAll(() => {
  giveElementsSize(600, 360);
  showElements();
  Element.prototype.setPointerCapture = () => undefined;
});
afterEach(() => jest.mocked(saveAs).mockReset());

const trans = nullTranslator.load('jupyterlab_kubeflow');

/** A trial whose loss is a tenth of its number. */
const trial = (number: number, more: Partial<ITrial> = {}): ITrial => ({
  name: `t${number}`,
  uid: `u${number}`,
  number,
  state: 'succeeded',
  parameters: { lr: String(10 ** (-number % 4)), optimizer: number % 2 ? 'adam' : 'sgd' },
  metrics: { loss: { latest: number / 10, min: 0.01, max: 3 } },
  objective: number / 10,
  ...more
});

const FAILED = trial(3, { state: 'failed', objective: undefined, metrics: {} });

const studyOf = (trials: readonly ITrial[], more: Partial<IStudy> = {}): IStudy => ({
  kind: 'Experiment',
  namespace: 'team-a',
  name: 'tunes',
  uid: 'tunes',
  objective: { metric: 'loss', direction: 'minimize' },
  additionalMetrics: [],
  algorithm: 'random',
  parameters: [
    { name: 'lr', type: 'double', min: 1e-4, max: 1, log: true },
    { name: 'optimizer', type: 'categorical', choices: ['sgd', 'adam'], log: false }
  ],
  trials,
  best: trials[0]?.name,
  ...more
});

const STUDY = studyOf([trial(1), trial(2), FAILED, trial(4)]);

type Tab = typeof ParallelTab;

/** A tab in an experiment's detail, which keeps what is chosen. */
function setUp(Tab: Tab, study = STUDY, chosen: string[] = []) {
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

/** A pointer's move over a chart, whose corner is at 0, 0. */
const point = (type: string, x: number, y: number) =>
  fireEvent(
    screen.getAllByRole('img')[0]!,
    new MouseEvent(type, { bubbles: true, cancelable: true, clientX: x, clientY: y })
  );

/** How many trials are drawn by the paths that this finds. */
const drawn = (container: HTMLElement, selector: string) =>
  [...container.querySelectorAll(selector)]
    .map(path => (path.getAttribute('d')?.match(/M/g) ?? []).length)
    .reduce((sum, each) => sum + each, 0);

/** What a chart's table has. */
async function table(title: string): Promise<(string | null)[][]> {
  const chart = screen.getByRole('figure', { name: title });
  await userEvent.click(within(chart).getByRole('switch', { name: 'View as table' }));
  return within(chart)
    .getAllByRole('row')
    .map(row => [...row.children].map(cell => cell.textContent));
}

async function savedText(): Promise<string> {
  const [content] = jest.mocked(saveAs).mock.calls[0]!;
  return new Promise(resolve => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.readAsText(content);
  });
}

describe('parallel coordinates', () => {
  const LINES = '.jp-Kubeflow-parallel-lines path';

  it('draw each trial over its parameters and the objective, and say so', async () => {
    const { container } = setUp(ParallelTab);
    await waitFor(() => expect(drawn(container, LINES)).toBe(4));
    const chart = screen.getByRole('img', { name: /^Parallel coordinates of 4 trials over lr, / });
    expect(chart).toHaveAccessibleName(
      /The best, t1, has loss 0\.1 with lr 0\.1, optimizer adam\./
    );
    expect(within(chart).getByText('↓ better')).toBeInTheDocument();
    expect(within(chart).getByText('loss: 0.4 worse')).toBeInTheDocument();
    expect(within(chart).getByText('better → 0.1')).toBeInTheDocument();
    expect(drawn(container, `${LINES}.jp-mod-none`)).toBe(1);
    expect(screen.getByText('1 trial has no value of loss: its line is dashed.')).toBeVisible();
  });

  it('choose trials by ranges that are dragged, and by several of them', async () => {
    const { container, selected } = setUp(ParallelTab);
    await waitFor(() => expect(drawn(container, LINES)).toBe(4));
    // The axes stand at 72, 314 and 556; 62 is the top, where lr is 1, and 346 the bottom, where it is 0.0001.
    point('pointerdown', 72, 60);
    point('pointermove', 72, 200);
    expect(selected()).toEqual([]);
    point('pointerup', 72, 220);
    expect(selected()).toEqual(['t1', 't2', 't4']);
    await waitFor(() => expect(drawn(container, `${LINES}.jp-mod-rest`)).toBe(1));
    expect(screen.getByText('3 of 4 trials chosen.')).toBeVisible();
    point('pointerdown', 314, 150);
    point('pointerup', 314, 151);
    expect(selected()).toEqual(['t1', 't2', 't4']);
    point('pointerdown', 314, 340);
    point('pointermove', 314, 240);
    point('pointerup', 314, 240);
    expect(selected()).toEqual(['t2', 't4']);
    point('pointerdown', 72, 100);
    point('pointerup', 72, 100);
    expect(selected()).toEqual(['t2', 't4']);
    await userEvent.click(screen.getByRole('button', { name: 'Clear selection' }));
    expect(selected()).toEqual([]);
    await waitFor(() => expect(drawn(container, `${LINES}.jp-mod-rest`)).toBe(0));
  });

  it('choose what a drag had reached that is broken off', async () => {
    const { container, selected } = setUp(ParallelTab);
    await waitFor(() => expect(drawn(container, LINES)).toBe(4));
    point('pointerdown', 72, 60);
    point('pointermove', 72, 220);
    point('pointercancel', 72, 220);
    expect(selected()).toEqual(['t1', 't2', 't4']);
  });

  it('choose trials by ranges that are typed', async () => {
    const { selected } = setUp(ParallelTab);
    await userEvent.click(screen.getByText('Ranges'));
    const to = screen.getByRole('textbox', { name: 'loss to' });
    await userEvent.type(to, '0.2');
    expect(selected()).toEqual(['t1', 't2']);
    await userEvent.click(screen.getByRole('checkbox', { name: 'sgd' }));
    expect(selected()).toEqual(['t2']);
    await userEvent.click(screen.getByRole('checkbox', { name: 'sgd' }));
    await userEvent.clear(to);
    await userEvent.type(to, 'x');
    expect(to).toBeInvalid();
    expect(selected()).toEqual([]);
  });

  it('choose new trials that lie in the ranges, and none while hidden', async () => {
    const { selected, show } = setUp(ParallelTab);
    await userEvent.click(screen.getByText('Ranges'));
    await userEvent.type(screen.getByRole('textbox', { name: 'loss from' }), '0.2');
    expect(selected()).toEqual(['t2', 't4']);
    show(studyOf([...STUDY.trials, trial(5)]), false);
    expect(selected()).toEqual(['t2', 't4']);
    show(studyOf([...STUDY.trials, trial(5)]));
    expect(selected()).toEqual(['t2', 't4', 't5']);
  });

  it('drop ranges when trials are chosen elsewhere', async () => {
    const { container, choose } = setUp(ParallelTab);
    await userEvent.click(screen.getByText('Ranges'));
    const from = screen.getByRole('textbox', { name: 'loss from' });
    await userEvent.type(from, '0.2');
    choose(['t1']);
    expect(from).toHaveValue('');
    await waitFor(() => expect(drawn(container, `${LINES}.jp-mod-rest`)).toBe(3));
  });

  it('have their ranges again when the tab is left and shown again', async () => {
    const { selected, leave, show } = setUp(ParallelTab);
    await userEvent.click(screen.getByText('Ranges'));
    await userEvent.type(screen.getByRole('textbox', { name: 'loss from' }), '0.2');
    await userEvent.click(screen.getByRole('checkbox', { name: 'sgd' }));
    leave();
    expect(screen.queryByText('Ranges')).not.toBeInTheDocument();
    show(STUDY);
    await userEvent.click(screen.getByText('Ranges'));
    expect(screen.getByRole('textbox', { name: 'loss from' })).toHaveValue('0.2');
    expect(screen.getByRole('checkbox', { name: 'sgd' })).toBeChecked();
    expect(selected()).toEqual(['t2', 't4']);
  });

  it('tell what is under the pointer exactly, and open it', async () => {
    const best = trial(1, { objective: 1 / 3 });
    const { container, opened } = setUp(ParallelTab, studyOf([best]));
    await waitFor(() => expect(drawn(container, LINES)).toBe(1));
    // Between lr 0.1, three quarters up, and adam, as far up.
    point('pointermove', 190, 133);
    const tip = container.querySelector<HTMLElement>('.jp-Kubeflow-chart-tip')!;
    expect([...tip.children].map(line => line.textContent)).toEqual([
      't1',
      'Succeeded',
      'lr: 0.1',
      'optimizer: adam',
      'loss: 0.3333333333333333'
    ]);
    point('pointerup', 190, 133);
    expect(opened).toEqual(['t1']);
  });

  it('are a table of what is chosen, and a file of all', async () => {
    const { opened } = setUp(ParallelTab, STUDY, ['t3', 't4']);
    expect(await table('Parameters and loss')).toEqual([
      ['Trial', 'State', 'lr', 'optimizer', 'loss'],
      ['t3', 'Failed', '0.001', 'adam', ''],
      ['t4', 'Succeeded', '1', 'sgd', '0.4']
    ]);
    await userEvent.click(screen.getByRole('button', { name: 't4' }));
    expect(opened).toEqual(['t4']);
    await userEvent.click(screen.getByRole('button', { name: 'Save CSV' }));
    expect(jest.mocked(saveAs).mock.calls[0]![1]).toBe('tunes-parameters.csv');
    expect(await savedText()).toBe(
      'Trial,State,lr,optimizer,loss\r\n' +
        't1,Succeeded,0.1,adam,0.1\r\n' +
        't2,Succeeded,0.01,sgd,0.2\r\n' +
        't3,Failed,0.001,adam,\r\n' +
        't4,Succeeded,1,sgd,0.4\r\n'
    );
  });

  it('say that a value has no place, and that there are no trials', async () => {
    const zero = trial(1, { parameters: { lr: '0', optimizer: 'sgd' } });
    const { show } = setUp(ParallelTab, studyOf([zero]));
    expect(screen.getByText(/^1 trial has no place on the logarithmic axis of lr/)).toBeVisible();
    show(studyOf([], { uid: 'other' }));
    expect(screen.getByRole('status')).toHaveTextContent('No trials yet.');
  });
});

describe('the objective', () => {
  const POINTS = '.jp-Kubeflow-points path:not(li *)';

  it('is drawn over trials, each state in its own shape, with the best so far', async () => {
    const study = studyOf([trial(2), FAILED, trial(4, { state: 'early-stopped' }), trial(1)], {
      objective: { metric: 'loss', direction: 'minimize', goal: 0.05 }
    });
    setUp(ObjectiveTab, study);
    const chart = screen.getByRole('figure', { name: 'loss over trials' });
    await waitFor(() => expect(drawn(chart, POINTS)).toBe(4));
    for (const [shape, count] of [
      ['dot', 2],
      ['cross', 1],
      ['diamond', 1]
    ] as const) {
      expect(drawn(chart, `${POINTS}.jp-mod-${shape}`)).toBe(count);
    }
    expect(within(chart).getByText('no value')).toBeInTheDocument();
    expect(
      within(chart)
        .getAllByRole('listitem')
        .map(item => item.textContent)
    ).toEqual(['Succeeded', 'Stopped early', 'Failed', 'best so far', 'goal: 0.05']);
    expect(within(chart).getByRole('img')).toHaveAccessibleName(
      'loss over 4 trials. The best went from 0.2 in trial 2 to 0.1 in trial 1. loss, the lower the better.'
    );
  });

  it('is drawn over each parameter', async () => {
    const zero = trial(5, { parameters: { lr: '0', optimizer: 'sgd' } });
    setUp(ObjectiveTab, studyOf([...STUDY.trials.slice(1), zero]));
    expect(screen.getByText(/^1 trial has no place on the logarithmic axis of lr/)).toBeVisible();
    const chart = screen.getByRole('figure', { name: 'optimizer' });
    await waitFor(() => expect(drawn(chart, POINTS)).toBe(4));
    expect(await table('lr')).toContainEqual(['t2', 'Succeeded', '0.01', '0.2']);
  });

  it('has frames that choose trials, and opens what is clicked', async () => {
    const { container, selected, opened } = setUp(ObjectiveTab);
    await waitFor(() => expect(drawn(container, POINTS)).toBeGreaterThan(0));
    point('pointerdown', 60, 20);
    point('pointermove', 340, 250);
    point('pointerup', 340, 250);
    expect(selected()).toEqual(['t1', 't2']);
    await waitFor(() => expect(drawn(container, `${POINTS}.jp-mod-rest`)).toBeGreaterThan(0));
    // The last trial is at the right.
    point('pointermove', 584, 26);
    point('pointerdown', 584, 26);
    point('pointerup', 584, 26);
    expect(opened).toEqual(['t4']);
  });

  it('says of too few trials that importance cannot be told, else how to read it', async () => {
    const many = Array.from({ length: 30 }, (_, index) => trial(index + 1));
    const { show } = setUp(ObjectiveTab);
    expect(screen.getByText(/^Too few trials to tell: 3 have succeeded/)).toBeVisible();
    show(studyOf(many));
    expect(screen.getByText(/PED-ANOVA of 30 trials, 3 of them the best/)).toHaveTextContent(
      /Take it as a hint: it is steady from about 50 trials on\.$/
    );
    const rows = await table('Importance of parameters');
    expect(rows.map(([name]) => name).sort()).toEqual(['Parameter', 'lr', 'optimizer']);
  });

  it('says that there are no trials', () => {
    setUp(ObjectiveTab, studyOf([]));
    expect(screen.getByRole('status')).toHaveTextContent('No trials yet.');
  });
});

describe('metric curves', () => {
  const history = ({ number }: ITrial): ISeries => ({
    source: 'history',
    metrics: {
      loss: [1, 2].map(each => ({ time: 1000 * each, value: number / each })),
      epoch: [10, 20].map(value => ({ time: 100 * value, value }))
    }
  });
  const tab = (series: (trial: ITrial) => Promise<ISeries>): Tab =>
    function Curves(props) {
      return <CurvesTab {...props} series={series} />;
    };

  it('are those of the best trials where none is chosen', async () => {
    const many = Array.from({ length: 9 }, (_, index) => trial(index + 1));
    const read = jest.fn(async (each: ITrial) => history(each));
    setUp(tab(read), studyOf(many));
    expect(await screen.findByText('6 of 9 trials, best first.')).toBeVisible();
    expect((await table('loss'))[0]).toEqual([
      'Count of values',
      't1',
      't2',
      't3',
      't4',
      't5',
      't6'
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Show 3 more' }));
    await waitFor(() => expect(read).toHaveBeenCalledTimes(9));
  });

  it('are those of chosen trials, over steps, too', async () => {
    const { choose } = setUp(
      tab(async each => history(each)),
      STUDY,
      ['t4']
    );
    await screen.findByRole('figure', { name: 'loss' });
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Over' }), 'epoch');
    expect(await table('loss')).toEqual([
      ['epoch', 't4'],
      ['10', '4'],
      ['20', '2']
    ]);
    choose(['t1', 't4']);
    await waitFor(() =>
      expect(screen.getAllByRole('columnheader').map(each => each.textContent)).toEqual([
        'epoch',
        't1',
        't4'
      ])
    );
  });

  it('say where only latest values are to be had, and show those', async () => {
    const reason = 'Katib’s UI was not found on this cluster.';
    const { opened } = setUp(
      tab(async () => ({ source: 'latest', reason, metrics: {} })),
      studyOf([trial(1), FAILED])
    );
    expect(await screen.findByText(/^Of 2 trials no history is to be had/)).toHaveTextContent(
      reason
    );
    const values = screen.getByRole('table', { name: 'Latest values' });
    expect(within(values).getAllByRole('row')[1]).toHaveTextContent(/^t10\.10\.013$/);
    expect(screen.queryByRole('figure')).not.toBeInTheDocument();
    await userEvent.click(within(values).getByRole('button', { name: 't3' }));
    expect(opened).toEqual(['t3']);
  });

  it('have nothing to choose or to open where there is one trial', async () => {
    setUp(
      tab(async () => ({ source: 'latest', metrics: {} })),
      studyOf([trial(1)]),
      ['t1']
    );
    expect(await screen.findByRole('table', { name: 'Latest values' })).toBeVisible();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('say what could not be read, and read it again', async () => {
    let fails = true;
    const read = async (each: ITrial) => {
      if (fails) {
        throw new Error('Katib does not answer.');
      }
      return history(each);
    };
    setUp(tab(read), studyOf([trial(1)]));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The metrics of 1 trial could not be read: Katib does not answer.'
    );
    fails = false;
    await userEvent.click(screen.getByRole('button', { name: 'Retry now' }));
    expect(await screen.findByRole('figure', { name: 'loss' })).toBeVisible();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('are not read while they are hidden', async () => {
    const read = jest.fn(async (each: ITrial) => history(each));
    const { show } = setUp(tab(read), studyOf([trial(1)]));
    await waitFor(() => expect(read).toHaveBeenCalledTimes(1));
    show(studyOf([trial(1), trial(2)]), false);
    await act(() => Promise.resolve());
    expect(read).toHaveBeenCalledTimes(1);
    show(studyOf([trial(1), trial(2)]));
    await waitFor(() => expect(read).toHaveBeenCalledTimes(2));
  });

  it('say that nothing was reported yet', async () => {
    setUp(
      tab(async () => ({ source: 'history', metrics: {} })),
      studyOf([trial(1)])
    );
    expect(await screen.findByText('These trials have reported no values yet.')).toBeVisible();
  });
});
