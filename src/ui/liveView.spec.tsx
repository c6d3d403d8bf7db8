import { nullTranslator } from '@jupyterlab/translation';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { ILiveState } from './live';
import { LiveView } from './liveView';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const apiError = (status: number, reason: string) =>
  new ApiError({ service: 'pipelines', status, reason, message: `It is ${reason}.` });

function show(change: Partial<ILiveState<string>>, isAbsent = false) {
  const retry = jest.fn();
  const state: ILiveState<string> = {
    data: undefined,
    status: 'live',
    error: null,
    since: Date.now(),
    ...change
  };
  render(
    <LiveView
      state={state}
      trans={trans}
      retry={retry}
      forbidden="You may not list runs."
      absent={{ link: { label: 'How to install', href: 'https://example.org/' } }}
      isAbsent={isAbsent}
    >
      {data => <p>{data}</p>}
    </LiveView>
  );
  return retry;
}

describe('LiveView', () => {
  it('keeps the last data while offline and offers to retry', async () => {
    const retry = show({ data: 'old', error: apiError(0, 'Unreachable') });
    expect(screen.getByText('old').parentElement).toHaveClass('jp-mod-offline');
    expect(screen.getByRole('alert')).toHaveTextContent(/Offline since/);
    await userEvent.click(screen.getByRole('button', { name: 'Retry now' }));
    expect(retry).toHaveBeenCalledTimes(1);
  });

  it('hides data that one may no longer see', () => {
    show({ data: 'secret', error: apiError(403, 'Forbidden') });
    expect(screen.queryByText('secret')).toBeNull();
    expect(screen.getByRole('alert')).toHaveTextContent('You may not list runs.');
  });

  it('says what to install when the component is absent', () => {
    show({ error: apiError(404, 'NotFound') }, true);
    expect(screen.getByText('It is NotFound.')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'How to install' })).toBeInTheDocument();
  });

  it('tells an error above data that stays', () => {
    show({ data: 'old', error: apiError(500, 'InternalError') });
    expect(screen.getByRole('alert')).toHaveTextContent('It is InternalError.');
    expect(screen.getByText('old')).toBeInTheDocument();
  });
});
