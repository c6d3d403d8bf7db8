import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { jobs, type Job } from '../../client/kubernetes/kinds';
import { giveElementsSize } from '../../testing/element-size';
import { FakeKubernetes } from '../../testing/fakeKubernetes';
import { VisibleContext } from '../text';
import { makeKubernetes } from './connection';
import { ObjectList } from './objectList';

const trans = nullTranslator.load('jupyterlab_kubeflow');
beforeAll(() => giveElementsSize(400, 400));

const job = (name: string, status: object = {}, second = 0): Job =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: 'team-a',
      uid: name,
      creationTimestamp: `2026-11-20T10:00:0${second}Z`
    },
    spec: { completions: 4 },
    status
  }) as unknown as Job;

const FAILED = { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] };

function draw(server: FakeKubernetes, visible = true, onOpen = jest.fn()) {
  const { lists } = makeKubernetes(server);
  const list = lists.list(jobs, { namespace: 'team-a' });
  const view = (shown: boolean) => (
    <VisibleContext.Provider value={shown}>
      <ObjectList trans={trans} kind={jobs} list={list} namespace="team-a" onOpen={onOpen} />
    </VisibleContext.Provider>
  );
  const { rerender } = render(view(visible));
  return { onOpen, show: (shown: boolean) => rerender(view(shown)) };
}

it('lists the newest first with state, figure and age, stays up to date, filters and opens', async () => {
  const server = new FakeKubernetes({
    jobs: [job('old', FAILED), job('new', { active: 1, succeeded: 1 }, 5)]
  });
  const { onOpen } = draw(server);
  const rows = await screen.findAllByRole('row');
  expect(rows[0]).toHaveAccessibleName('new, Running');
  expect(rows[0]).toHaveTextContent('1/4');
  expect(rows[1]).toHaveAccessibleName('old, Failed: backoff limit exceeded');
  expect(rows[1]).toHaveTextContent('Backoff limit exceeded');
  expect(screen.getByText('2 Jobs')).toBeInTheDocument();

  act(() => server.put('jobs', job('third', {}, 9)));
  expect(await screen.findByRole('row', { name: 'third, Pending' })).toBeInTheDocument();

  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'failed');
  expect(screen.getAllByRole('row')).toHaveLength(1);
  await userEvent.type(screen.getByRole('searchbox'), 'nothing');
  expect(screen.getByText('No Job matches.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }));
  screen.getByRole('row', { name: 'new, Running' }).focus();
  await userEvent.keyboard('{ArrowDown}{Enter}');
  expect(onOpen).toHaveBeenCalled();
});

it('says that there is none', async () => {
  draw(new FakeKubernetes({ jobs: [] }));
  expect(await screen.findByText('There are no Jobs in team-a.')).toBeInTheDocument();
});

it('names verb, kind and namespace of what is forbidden', async () => {
  const server = new FakeKubernetes({ jobs: [] });
  server.forbidden.add('list jobs');
  draw(server);
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'You may not list Jobs in team-a. Ask for the right to “list” jobs.batch there.'
  );
});

it('shows what it has read where it may list but not watch, says so, and reads again', async () => {
  const server = new FakeKubernetes({ jobs: [job('one')] });
  server.forbidden.add('watch jobs');
  draw(server);
  expect(await screen.findByRole('row')).toHaveAccessibleName('one, Pending');
  await waitFor(() =>
    expect(screen.getByRole('status')).toHaveTextContent(
      'Not live: you may not watch Jobs in team-a. Ask for the right to “watch” jobs.batch there.'
    )
  );
  expect(screen.getByRole('contentinfo')).toHaveTextContent(/^1 Job · not live, read at \d/);
  server.put('jobs', job('two'));
  await userEvent.click(screen.getByRole('button', { name: 'Read again' }));
  expect(await screen.findByRole('row', { name: 'two, Pending' })).toBeInTheDocument();
});

it('says which component is absent', async () => {
  draw(new FakeKubernetes({ pods: [] }));
  await waitFor(() => expect(document.querySelector('[data-view-state="absent"]')).toBeVisible());
  expect(screen.getByRole('link')).toHaveTextContent('How to install');
});

it('keeps its rows while the server cannot be reached', async () => {
  const server = new FakeKubernetes({ jobs: [job('one')] });
  draw(server);
  await screen.findByRole('row');
  act(() => server.disconnect());
  expect(
    (await screen.findAllByText(/Offline since/i, undefined, { timeout: 8000 }))[0]
  ).toBeVisible();
  expect(screen.getByRole('row')).toBeInTheDocument();
}, 15_000);

it('asks for nothing while it is hidden', async () => {
  const server = new FakeKubernetes({ jobs: [job('one')] });
  const { show } = draw(server, false);
  expect(server.requests).toEqual([]);
  show(true);
  expect(await screen.findByRole('row')).toBeInTheDocument();
});
