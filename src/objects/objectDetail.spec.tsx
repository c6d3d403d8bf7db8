import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';

import type { IKubernetesObject } from '../client/kubernetes/object';
import { giveElementsSize } from '../testing/element-size';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import { makeConnection } from '../testing/pipelinesContext';
import type { IKubeflow } from '../ui/tokens';
import { CommandIDs, type IObjectRef } from './commands';
import type { IObjectsContext } from './context';
import { deleteObjects } from './deleteObjects';
import { ObjectBrowser } from './objectBrowser';
import { ObjectDetail } from './objectDetail';

beforeAll(() => giveElementsSize(400, 400));

const owned = (
  name: string,
  kind: string,
  owner: string,
  change: object = {}
): IKubernetesObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
  kind,
  metadata: {
    name,
    namespace: 'team-a',
    uid: name,
    ownerReferences: owner ? [{ apiVersion: 'batch/v1', kind: 'Job', name: owner, uid: owner }] : []
  },
  ...change
});

const JOB: IObjectRef = { group: 'batch', kind: 'jobs', namespace: 'team-a', name: 'digits' };

function setUp() {
  const failed = {
    conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }]
  };
  const server = new FakeKubernetes({
    jobs: [owned('digits', 'Job', '', { status: failed })],
    pods: [owned('digits-a', 'Pod', 'digits'), owned('stranger', 'Pod', '')],
    events: []
  });
  const opened: IObjectRef[] = [];
  const commands = new CommandRegistry();
  const removed = jest.fn();
  commands.addCommand(CommandIDs.remove, { execute: removed });
  const context: IObjectsContext = {
    kubeflow: { transport: server, connection: makeConnection() } as unknown as IKubeflow,
    commands,
    trans: nullTranslator.load('jupyterlab_kubeflow'),
    editors: null,
    asked: new Signal({}),
    selection: [],
    open: ref => opened.push(ref)
  };
  return { server, context, opened, removed };
}

it('tells the state of an object and what it owns, and has its sections', async () => {
  const { context, opened, removed } = setUp();
  const onSection = jest.fn();
  render(<ObjectDetail context={context} of={JOB} onSection={onSection} onGone={jest.fn()} />);
  expect(await screen.findByText(/^Job · Failed: backoff limit exceeded/)).toBeVisible();
  expect(screen.getAllByRole('tab').map(tab => tab.textContent)).toEqual([
    'Overview',
    'Events',
    'Logs',
    'YAML'
  ]);
  expect(screen.getByText('Read the logs of the pods that failed for the reason.')).toBeVisible();
  await userEvent.click(await screen.findByRole('button', { name: 'digits-a' }));
  expect(opened).toEqual([{ group: '', kind: 'pods', namespace: 'team-a', name: 'digits-a' }]);
  await userEvent.click(screen.getByRole('tab', { name: 'Events' }));
  expect(onSection).toHaveBeenCalledWith('events');
  await userEvent.click(screen.getByRole('button', { name: 'Delete…' }));
  expect(removed).toHaveBeenCalled();
});

it('keeps showing what an object was when it is deleted', async () => {
  const { server, context } = setUp();
  render(<ObjectDetail context={context} of={JOB} onSection={jest.fn()} onGone={jest.fn()} />);
  await screen.findByText(/^Job · Failed/);
  act(() => server.remove('jobs', 'digits'));
  expect(await screen.findByText('digits was deleted. This is how it was last.')).toBeVisible();
});

it('disables what the user may not do, with the reason', async () => {
  const { server, context, removed } = setUp();
  server.forbidden.add('delete jobs');
  render(<ObjectDetail context={context} of={JOB} onSection={jest.fn()} onGone={jest.fn()} />);
  const button = await screen.findByRole('button', { name: 'Delete…' });
  await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'true'));
  expect(button).toHaveAccessibleDescription(/You may not delete Jobs in team-a/);
  await userEvent.click(button);
  expect(removed).not.toHaveBeenCalled();
});

it('says that an object is not there', async () => {
  const { context } = setUp();
  const onGone = jest.fn();
  render(
    <ObjectDetail
      context={context}
      of={{ ...JOB, name: 'none' }}
      onSection={jest.fn()}
      onGone={onGone}
    />
  );
  expect(await screen.findByText(/Job “none” is not on the active connection/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Close tab' }));
  expect(onGone).toHaveBeenCalled();
});

it('names what goes with an object before it is deleted', async () => {
  const { server, context } = setUp();
  const done = deleteObjects(context, [JOB]);
  const dialog = await screen.findByText(/What it owns is deleted with it: 1 Pod\./);
  expect(dialog).toBeInTheDocument();
  await userEvent.click(
    await screen.findByText('Delete Job', { selector: '.jp-Dialog-buttonLabel' })
  );
  expect(await done).toEqual([JOB]);
  expect(server.requests).toContain('DELETE /apis/batch/v1/namespaces/team-a/jobs/digits');
});

it('reads many objects at once before they are deleted, and names the first ones', async () => {
  const { server, context } = setUp();
  const refs = Array.from({ length: 12 }, (_, n) => `many-${n}`).map(name => {
    server.put('pods', owned(name, 'Pod', ''));
    return { group: '', kind: 'pods', namespace: 'team-a', name };
  });
  const gone = { ...refs[0]!, name: 'gone-meanwhile' };
  const done = deleteObjects(context, [...refs, gone]);
  expect(await screen.findByText('Delete 12 Pods?')).toBeInTheDocument();
  expect(server.requests).toEqual(['GET /api/v1/namespaces/team-a/pods']);
  await userEvent.click(
    await screen.findByText('Delete Pods', { selector: '.jp-Dialog-buttonLabel' })
  );
  expect(await done).toEqual(refs);
});

it('browses the kinds of the server and opens an object', async () => {
  const { context, opened } = setUp();
  const onKind = jest.fn();
  render(<ObjectBrowser context={context} kind={() => undefined} onKind={onKind} />);
  const kind = await screen.findByRole('combobox', { name: 'Kind' });
  await userEvent.selectOptions(kind, 'pods/');
  expect(onKind).toHaveBeenCalledWith({ group: '', plural: 'pods' });
  const row = await screen.findByRole('row', { name: /^stranger/ });
  await userEvent.dblClick(row);
  expect(opened).toEqual([{ group: '', kind: 'pods', namespace: 'team-a', name: 'stranger' }]);
  expect(context.selection).toMatchObject([{ name: 'stranger' }]);
});

it('shows another kind when that is asked for while the list is open', async () => {
  const { context } = setUp();
  const kind = () => ({ plural: 'jobs', group: 'batch' });
  render(<ObjectBrowser context={context} kind={kind} onKind={jest.fn()} />);
  expect(await screen.findByRole('row', { name: /^digits/ })).toBeVisible();
  act(() => context.asked.emit({ plural: 'pods', group: '' }));
  expect(await screen.findByRole('row', { name: /^stranger/ })).toBeVisible();
  expect(screen.getByRole('combobox', { name: 'Kind' })).toHaveValue('pods/');
});

it('does not offer to delete from the list what may not be deleted, and says why', async () => {
  const { server, context, removed } = setUp();
  server.forbidden.add('delete pods');
  const kind = () => ({ plural: 'pods', group: '' });
  render(<ObjectBrowser context={context} kind={kind} onKind={jest.fn()} />);
  const row = await screen.findByRole('row', { name: /^stranger/ });
  const action = await within(row).findByRole('button', { name: /You may not delete Pods/ });
  expect(action).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(row);
  await userEvent.keyboard('{Delete}');
  await userEvent.click(action);
  expect(removed).not.toHaveBeenCalled();
});
