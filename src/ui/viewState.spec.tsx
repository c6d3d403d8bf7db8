import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import { errorDetails, errorKind, OfflineBar, Skeleton, ViewState } from './viewState';

const trans = nullTranslator.load('jupyterlab_kubeflow');

describe('errorKind', () => {
  it.each([
    [403, 'Forbidden', 'forbidden'],
    [401, 'Unauthorized', 'forbidden'],
    [404, 'NotConfigured', 'absent'],
    [503, 'NotConfigured', 'absent'],
    [0, 'Unreachable', 'offline'],
    [502, 'UpstreamUnreachable', 'offline'],
    [504, 'UpstreamTimeout', 'offline'],
    [502, 'UpstreamInvalid', 'error'],
    [500, 'InternalError', 'error']
  ])('%d %s is %s', (status, reason, kind) => {
    const error = new ApiError({ service: 'pipelines', status, reason, message: 'x' });
    expect(errorKind(error)).toBe(kind);
  });
});

describe('Skeleton', () => {
  afterEach(() => jest.useRealTimers());
  it('appears only after 150 ms', () => {
    jest.useFakeTimers();
    render(<Skeleton trans={trans} />);
    expect(screen.queryByRole('status')).toBeNull();
    act(() => {
      jest.advanceTimersByTime(149);
    });
    expect(screen.queryByRole('status')).toBeNull();
    act(() => {
      jest.advanceTimersByTime(1);
    });
    expect(screen.getByRole('status')).toHaveAccessibleName('Loading…');
  });
});

describe('ViewState', () => {
  it('says one sentence and offers the action that fills it', async () => {
    const run = jest.fn();
    render(
      <ViewState
        kind="empty"
        trans={trans}
        message="No pipelines yet."
        action={{ label: 'Upload pipeline…', run }}
      />
    );
    expect(screen.getByRole('status')).toHaveTextContent('No pipelines yet.');
    await userEvent.click(screen.getByRole('button', { name: 'Upload pipeline…' }));
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('alerts an error with its own sentence and details to copy', () => {
    const error = { status: 500, reason: 'Invalid', message: 'The field *name* is too long.' };
    render(<ViewState kind="error" trans={trans} error={error} />);
    expect(screen.getByRole('alert')).toHaveTextContent('The field *name* is too long.');
    expect(screen.getByRole('button', { name: 'Copy details' })).toBeEnabled();
    expect(JSON.parse(errorDetails(error))).toMatchObject(error);
  });

  it('links to what is to be installed', () => {
    render(
      <ViewState
        kind="absent"
        trans={trans}
        message="Not installed."
        link={{ label: 'Install', href: 'https://www.kubeflow.org/docs/components/pipelines/' }}
      />
    );
    expect(screen.getByRole('link', { name: 'Install' })).toHaveAttribute('rel', 'noreferrer');
  });
});

it('OfflineBar says since when and retries', async () => {
  const retry = jest.fn();
  const since = new Date(2026, 10, 20, 14, 2).getTime();
  const error = new ApiError({
    service: 'pipelines',
    status: 0,
    reason: 'Unreachable',
    message: 'down'
  });
  render(<OfflineBar trans={trans} since={since} error={error} retry={retry} />);
  expect(screen.getByRole('alert')).toHaveTextContent(/Offline since .*02/);
  await userEvent.click(screen.getByRole('button', { name: 'Retry now' }));
  expect(retry).toHaveBeenCalledTimes(1);
});
