import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type {
  IComponent,
  IConnection,
  IConnectionChange,
  IConnectionState
} from '../client/connection';
import { errorFromAnswer, unreachable } from '../client/errors';
import { ConnectionStatus } from './statusItem';
import { Switcher } from './switcher';
import { describeConnection } from './words';

const trans = nullTranslator.load('');

const STATE: IConnectionState = {
  active: 'kind-dev',
  namespace: 'team-a',
  profiles: [
    { name: 'local', kind: 'local', namespaces: ['default', 'kubeflow-user'] },
    { name: 'lab', kind: 'configured', namespaces: [] },
    { name: 'kind-dev', kind: 'kubeconfig', namespaces: ['team-a', 'team-b'] }
  ],
  components: {},
  status: { ok: true }
};

const BROKEN: IConnectionState = {
  ...STATE,
  status: {
    ok: false,
    reason: 'UpstreamUnreachable',
    message: 'kind-dev cannot be reached. Start the cluster.'
  }
};

/** A connection whose state a test sets. */
class FakeConnection implements IConnection {
  error: Error | null = null;
  listeners = new Set<() => void>();
  select = jest.fn((_change: IConnectionChange) => Promise.resolve());
  refresh = jest.fn(() => Promise.resolve());

  constructor(public state: IConnectionState | null) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(state: IConnectionState | null, error: Error | null = null): void {
    this.state = state;
    this.error = error;
    this.listeners.forEach(listener => listener());
  }
}

describe('describeConnection', () => {
  it('names connection and namespace', () => {
    expect(describeConnection({ state: STATE, error: null }, trans)).toEqual({
      broken: false,
      label: 'kind-dev · team-a',
      sentence: 'Connected to kind-dev, namespace team-a.'
    });
  });

  it('says in words why it does not work', () => {
    expect(describeConnection({ state: BROKEN, error: null }, trans)).toEqual({
      broken: true,
      label: 'kind-dev, not reachable',
      sentence: 'kind-dev cannot be reached. Start the cluster.'
    });
  });

  it('tells a server without the extension from one that does not answer', () => {
    const answer = errorFromAnswer('jupyter', 404, '');
    const words = describeConnection({ state: null, error: answer }, trans);
    expect(words?.label).toBe('no connection, server extension missing');
    expect(words?.sentence).toMatch(/Install the package jupyterlab-kubeflow/);
  });

  it('says nothing before the first answer', () => {
    expect(describeConnection({ state: null, error: null }, trans)).toBeNull();
  });
});

describe('ConnectionStatus', () => {
  it('appears with the first answer, opens by keyboard and tells when it breaks', async () => {
    const connection = new FakeConnection(null);
    const onClick = jest.fn();
    const item = new ConnectionStatus(connection, onClick, trans);
    Widget.attach(item, document.body);
    expect(item.isActive).toBe(false);
    connection.tell(STATE);
    expect(item.isActive).toBe(true);
    const button = await screen.findByRole('button', {
      name: 'Kubeflow: kind-dev · team-a'
    });
    button.focus();
    await userEvent.keyboard('{Enter}');
    await userEvent.keyboard(' ');
    expect(onClick).toHaveBeenCalledTimes(2);
    connection.tell(STATE, unreachable('jupyter'));
    await screen.findByRole('button', {
      name: 'Kubeflow: kind-dev, Jupyter server does not answer'
    });
    item.dispose();
    expect(connection.listeners.size).toBe(0);
  });
});

describe('Switcher', () => {
  function show(connection: IConnection) {
    const onDone = jest.fn();
    const refresh = jest.fn(() => Promise.resolve());
    render(<Switcher {...{ connection, refresh, onDone, trans }} />);
    return { onDone, refresh };
  }

  it('switches the namespace with Enter', async () => {
    const connection = new FakeConnection(STATE);
    const { onDone } = show(connection);
    expect(screen.getByRole('radio', { name: /kind-dev/ })).toHaveFocus();
    const field = screen.getByLabelText('Namespace');
    await userEvent.clear(field);
    await userEvent.type(field, 'team-b{Enter}');
    expect(connection.select).toHaveBeenCalledWith({ active: 'kind-dev', namespace: 'team-b' });
    await waitFor(() => expect(onDone).toHaveBeenCalled());
  });

  it('switches to another connection, without a namespace where there is none', async () => {
    const connection = new FakeConnection(STATE);
    show(connection);
    await userEvent.click(screen.getByRole('radio', { name: /lab/ }));
    expect(screen.queryByLabelText('Namespace')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Switch' }));
    expect(connection.select).toHaveBeenCalledWith({ active: 'lab', namespace: undefined });
  });

  it('offers the namespaces of Local Kubeflow, the one used last unless another is given', async () => {
    const connection = new FakeConnection(STATE);
    show(connection);
    await userEvent.click(screen.getByRole('radio', { name: /local/ }));
    expect(screen.getByLabelText('Namespace')).toHaveValue('');
    await userEvent.keyboard('{Enter}');
    expect(connection.select).toHaveBeenLastCalledWith({ active: 'local', namespace: undefined });
    await userEvent.type(screen.getByLabelText('Namespace'), 'default{Enter}');
    expect(connection.select).toHaveBeenLastCalledWith({ active: 'local', namespace: 'default' });
  });

  const CHOICES = [
    { name: 'a/one', displayName: 'First' },
    { name: 'b/two', displayName: 'b/two' }
  ];

  function withRegistries(registry: IComponent): FakeConnection {
    return new FakeConnection({ ...STATE, components: { registry } });
  }

  it('switches among several model registries', async () => {
    const connection = withRegistries({ available: true, choices: CHOICES, choice: 'b/two' });
    show(connection);
    const field = screen.getByLabelText('Model registry');
    expect(field).toHaveDisplayValue('b/two');
    await userEvent.selectOptions(field, 'First (a/one)');
    await userEvent.click(screen.getByRole('button', { name: 'Switch' }));
    expect(connection.select).toHaveBeenCalledWith({
      active: 'kind-dev',
      namespace: 'team-a',
      registry: 'a/one'
    });
    await userEvent.click(screen.getByRole('radio', { name: /local/ }));
    expect(screen.queryByLabelText('Model registry')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Switch' }));
    expect(connection.select).toHaveBeenLastCalledWith({ active: 'local' });
  });

  it('asks for a model registry only where there is a choice', async () => {
    const choices = CHOICES.slice(0, 1);
    const connection = withRegistries({ available: true, choices, choice: 'a/one' });
    show(connection);
    expect(screen.queryByLabelText('Model registry')).toBeNull();
    const gone: IComponent = { available: false, reason: 'b/gone is gone.', choices };
    act(() => connection.tell({ ...STATE, components: { registry: gone } }));
    expect(screen.getByLabelText('Model registry')).toHaveDisplayValue('Choose one');
  });

  it('keeps the choice and shows the reason when switching fails', async () => {
    const connection = new FakeConnection(STATE);
    connection.select.mockRejectedValue(new Error('You may not use team-b.'));
    const { onDone } = show(connection);
    const field = screen.getByLabelText('Namespace');
    await userEvent.clear(field);
    await userEvent.type(field, 'team-b{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('You may not use team-b.');
    expect(field).toHaveValue('team-b');
    expect(onDone).not.toHaveBeenCalled();
  });

  it('tells what is broken and retries at once', async () => {
    const connection = new FakeConnection(BROKEN);
    const { refresh } = show(connection);
    expect(screen.getByRole('status')).toHaveTextContent(BROKEN.status.message ?? '');
    await userEvent.click(screen.getByRole('button', { name: 'Retry now' }));
    expect(refresh).toHaveBeenCalled();
    act(() => connection.tell(STATE));
    expect(screen.queryByRole('button', { name: 'Retry now' })).toBeNull();
  });
});
