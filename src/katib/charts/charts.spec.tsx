import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { giveElementsSize } from '../../testing/element-size';
import { showElements } from '../../testing/on-screen';
import {
  drawn,
  point,
  setUp,
  STUDY,
  studyOf,
  table,
  trial,
  FAILED
} from '../../testing/tuningCharts';
import { saveAs } from '../../ui/saveAs';
import { ObjectiveTab, ParallelTab } from '.';

jest.mock('../../ui/saveAs', () => ({ saveAs: jest.fn() }));

beforeAll(() => {
  giveElementsSize(600, 360);
  showElements();
  Element.prototype.setPointerCapture = () => undefined;
});
afterEach(() => jest.mocked(saveAs).mockReset());

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

  it('end the axis of the objective at its values', async () => {
    const trials = [0, -0.2, -0.8, -1.8].map((objective, index) => trial(index + 1, { objective }));
    const { container } = setUp(
      ParallelTab,
      studyOf(trials, { parameters: STUDY.parameters.slice(0, 1) })
    );
    await waitFor(() => expect(drawn(container, LINES)).toBe(4));
    const [, objective] = [...container.querySelectorAll('g:has(> .jp-mod-name)')];
    const ticks = [...objective!.querySelectorAll('.jp-mod-tick > title')];
    expect(ticks.map(tick => Number(tick.textContent))).toEqual([-1.5, -1, -0.5, 0]);
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
