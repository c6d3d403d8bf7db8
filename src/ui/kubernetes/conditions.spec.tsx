import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen } from '@testing-library/react';

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
