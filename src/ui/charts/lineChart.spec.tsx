import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { giveElementsSize } from '../../testing/element-size';
import { showElements } from '../../testing/on-screen';
import { saveAs } from '../saveAs';
import { VisibleContext } from '../text';
import { type ISeries, LineChart, seriesOf } from '.';
import { coloursOf } from './theme';
import { tooltip } from './tooltip';

jest.mock('../saveAs', () => ({ saveAs: jest.fn() }));

const trans = nullTranslator.load('jupyterlab_kubeflow');
/** A line through points. */
const line = (name: string, x: number[], y: number[]) =>
  seriesOf(name, Float64Array.from(x), Float64Array.from(y));

const LOSS = line('loss', [1, 2, 3], [2, 0.25, 0.123456789]);
const EVAL = line('eval_loss', [1, 3], [3, 0.5]);

beforeAll(() => {
  giveElementsSize(600, 220);
  showElements();
});
/** The code that draws is prepared for Node when it is first loaded, which takes its time. */
beforeAll(() => import('./draw'), 120_000);
afterEach(() => jest.mocked(saveAs).mockReset());

const chart = (series = [LOSS, EVAL], visible = true) => (
  <VisibleContext.Provider value={visible}>
    <LineChart
      trans={trans}
      title="loss"
      x={{ label: 'step', unit: 'number' }}
      y={{ label: 'loss', unit: 'number' }}
      series={series}
      fileName="digits-loss"
    />
  </VisibleContext.Provider>
);

/** The paths that ECharts draws lines with: those without a fill that have a colour. */
const lines = (container: HTMLElement) =>
  [...container.querySelectorAll('.jp-Kubeflow-chart-plot path[fill="none"]')].filter(
    path => path.getAttribute('stroke-width') === '1.5'
  );

it('draws a line for each series, with the units of its axes, and describes them', async () => {
  const { container } = render(chart());
  await waitFor(() => expect(lines(container)).toHaveLength(2));
  const plot = screen.getByRole('img', { name: /^loss, line chart over step from 1 to 3\./ });
  expect(plot).toHaveAccessibleName(/eval_loss goes from 3 to 0\.5 in 2 values/);
  expect(within(plot).getByText('step')).toBeInTheDocument();
});

it('does not join what a break parts, and loses no point by it', async () => {
  const { container } = render(chart([{ ...LOSS, breaks: [0, 2.5, 9] }]));
  await waitFor(() => expect(lines(container)).toHaveLength(1));
  expect(lines(container)[0]!.getAttribute('d')!.match(/M/g)).toHaveLength(2);
  await userEvent.click(screen.getByRole('switch', { name: 'View as table' }));
  expect(screen.getAllByRole('cell')).toHaveLength(3);
});

it('shows the surroundings of a single point, and all of several again', async () => {
  const at = new Date(2026, 10, 22, 9, 30).getTime();
  const over = (series: ISeries[]) => (
    <LineChart
      trans={trans}
      title="accuracy"
      x={{ label: 'Time', unit: 'time' }}
      y={{ label: 'accuracy', unit: 'number' }}
      series={series}
      fileName="digits"
    />
  );
  const { container, rerender } = render(over([line('accuracy', [at], [0.97])]));
  const ticks = () => [...container.querySelectorAll('svg text')].map(each => each.textContent);
  await waitFor(() => expect(ticks()).toContain('09:29:50'));
  expect(ticks()).toContain('0.95');
  expect(ticks()).not.toContain('0.4');
  rerender(over([line('accuracy', [at, at + 7_200_000], [0.1, 0.9])]));
  await waitFor(() => expect(ticks()).toContain('11:00'));
  expect(ticks()).toContain('0.2');
});

it('has ticks at whole steps only, and at fractions where there are any', async () => {
  const ticks = (container: HTMLElement) =>
    [...container.querySelectorAll('svg text')].map(each => each.textContent);
  const { container, rerender } = render(chart([line('loss', [1, 2], [2, 4])]));
  await waitFor(() => expect(ticks(container)).toEqual(expect.arrayContaining(['1', '2'])));
  expect(ticks(container)).not.toContain('1.2');
  rerender(chart([line('loss', [1, 1.5, 2], [2, 3, 4])]));
  await waitFor(() => expect(ticks(container)).toContain('1.2'));
  rerender(chart([line('loss', [7], [2])]));
  await waitFor(() => expect(ticks(container)).toContain('7'));
  expect(ticks(container)).not.toContain('6.8');
});

it('draws nothing while it is hidden, and what is new once it is shown', async () => {
  const { container, rerender } = render(chart([LOSS], false));
  await act(() => new Promise<void>(resolve => requestAnimationFrame(() => resolve())));
  expect(container.querySelector('svg path')).toBeNull();
  rerender(chart([LOSS, EVAL], true));
  await waitFor(() => expect(lines(container)).toHaveLength(2));
});

it('switches lines off and on by their names', async () => {
  const { container } = render(chart());
  await waitFor(() => expect(lines(container)).toHaveLength(2));
  const name = screen.getByRole('button', { name: 'eval_loss', pressed: true });
  await userEvent.click(name);
  await waitFor(() => expect(lines(container)).toHaveLength(1));
  expect(screen.getByRole('img')).not.toHaveAccessibleName(/eval_loss/);
  await userEvent.click(screen.getByRole('button', { name: 'eval_loss', pressed: false }));
  await waitFor(() => expect(lines(container)).toHaveLength(2));
});

it('shows the same numbers as a table, exactly', async () => {
  render(chart());
  await userEvent.click(screen.getByRole('switch', { name: 'View as table' }));
  const table = screen.getByRole('table', { name: 'loss' });
  expect(table).toHaveAttribute('aria-rowcount', '4');
  const rows = within(table).getAllByRole('row');
  expect(rows.map(row => [...row.children].map(cell => cell.textContent))).toEqual([
    ['step', 'loss', 'eval_loss'],
    ['1', '2', '3'],
    ['2', '0.25', ''],
    ['3', '0.123456789', '0.5']
  ]);
});

it('saves every point as CSV, also of lines that are switched off', async () => {
  render(chart());
  await userEvent.click(screen.getByRole('button', { name: 'loss', pressed: true }));
  await userEvent.click(screen.getByRole('button', { name: 'Save CSV' }));
  const [content, name] = jest.mocked(saveAs).mock.calls[0]!;
  expect(name).toBe('digits-loss.csv');
  const text = await new Promise(resolve => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsText(content);
  });
  expect(text).toBe('step,loss,eval_loss\r\n1,2,3\r\n2,0.25,\r\n3,0.123456789,0.5\r\n');
});

it('zooms by keys and shows all again', async () => {
  const { container } = render(chart());
  await waitFor(() => expect(lines(container)).toHaveLength(2));
  screen.getByRole('img').focus();
  await userEvent.keyboard('+');
  const all = await screen.findByRole('button', { name: 'Show all' });
  await userEvent.click(all);
  await waitFor(() => expect(all).not.toBeInTheDocument());
});

it('says that long lines are thinned out', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => index);
  render(
    chart([
      line(
        'loss',
        many,
        many.map(each => 1 / (each + 1))
      )
    ])
  );
  expect(
    await screen.findByText(
      /^Thinned out to the width of the chart \(LTTB\): .* all 5,000 points\.$/
    )
  ).toBeVisible();
});

it('tells beside the pointer the last value of the lines that have none there', () => {
  const drawn = {
    x: { label: 'step', unit: 'number' },
    y: { label: 'loss', unit: 'number' },
    series: [LOSS, EVAL],
    places: [0, 1]
  } as const;
  const colours = coloursOf(document.body);
  const text = (seriesName: string, value: number[]) =>
    [...tooltip([{ seriesName, color: 'red', value }], drawn, colours).children].map(
      line => line.textContent
    );
  expect(text('loss', [2, 0.25])).toEqual(['step: 2', 'loss: 0.25', 'eval_loss: 3 (1)']);
  expect(text('eval_loss', [0, 7])).toEqual(['step: 0', 'eval_loss: 7']);
});

it('ends the last time of day where the axis ends', async () => {
  const start = Date.UTC(2026, 0, 1, 10);
  const minutes = Array.from({ length: 5 }, (_, index) => start + index * 60_000);
  const { container } = render(
    <LineChart
      trans={trans}
      title="loss"
      x={{ label: 'Time', unit: 'time' }}
      y={{ label: 'loss', unit: 'number' }}
      series={[line('loss', minutes, [5, 4, 3, 2, 1])]}
      fileName="digits-loss"
    />
  );
  await waitFor(() => expect(lines(container)).toHaveLength(1));
  const times = [...container.querySelectorAll('.jp-Kubeflow-chart-plot text')].filter(text =>
    /^\d\d:\d\d/.test(text.textContent ?? '')
  );
  expect(times.at(-1)).toHaveAttribute('text-anchor', 'end');
});
