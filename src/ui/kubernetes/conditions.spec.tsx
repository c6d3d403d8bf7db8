import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen, within } from '@testing-library/react';

import { Conditions } from './conditions';

const trans = nullTranslator.load('jupyterlab_kubeflow');
beforeEach(() => void jest.useFakeTimers().setSystemTime(new Date('2026-01-01T10:00:05Z')));
afterEach(() => void jest.useRealTimers());

it('counts since when a condition is, by seconds at first', () => {
  const condition = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T10:00:00Z' };
  const { container } = render(<Conditions trans={trans} conditions={[condition]} />);
  const time = container.querySelector('time')!;
  expect(time).toHaveTextContent(/^5/);
  act(() => void jest.advanceTimersByTime(7000));
  expect(time).toHaveTextContent(/^12/);
  act(() => void jest.advanceTimersByTime(115_000));
  expect(time).toHaveTextContent(/^2/);
});

it('says that there are none', () => {
  render(<Conditions trans={trans} conditions={[]} />);
  expect(screen.getByText('No conditions reported yet.')).toBeVisible();
});

it('tells of what has ended no longer what it does not do, nor that it is under way', () => {
  const at = (second: number) => `2026-01-01T10:00:0${second}Z`;
  const conditions = [
    { type: 'Created', status: 'True', message: 'It is created', lastTransitionTime: at(1) },
    { type: 'Running', status: 'False', message: 'It is running', lastTransitionTime: at(3) },
    { type: 'Succeeded', status: 'True', message: 'It has succeeded', lastTransitionTime: at(3) }
  ];
  render(<Conditions trans={trans} conditions={conditions} />);
  const told = within(screen.getByRole('list', { name: 'Conditions' })).getAllByRole('listitem');
  expect(told.map(each => each.querySelector('span span')!.textContent)).toEqual([
    'Succeeded',
    'Created'
  ]);
  expect(screen.queryByRole('img', { name: 'Running' })).toBeNull();
  expect(screen.getByRole('cell', { name: 'It is running', hidden: true })).toBeInTheDocument();
});
