import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { giveElementsSize } from '../../testing/element-size';
import { showElements } from '../../testing/on-screen';
import { FAILED, setUp, STUDY, studyOf, type Tab, table, trial } from '../../testing/tuningCharts';
import type { ITrial } from '../model/study';
import { CurvesTab, type ISeries } from '.';

jest.mock('../../ui/charts/draw', () => ({
  Drawing: class {
    update = jest.fn();
    dispose = jest.fn();
  }
}));

beforeAll(() => {
  giveElementsSize(600, 360);
  showElements();
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
