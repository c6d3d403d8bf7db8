import { nullTranslator } from '@jupyterlab/translation';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { Pod } from '../../client/kubernetes/kinds';
import { giveElementsSize } from '../../testing/element-size';
import { FakeKubernetes } from '../../testing/fakeKubernetes';
import { makeKubernetes } from './connection';
import { PodLogs } from './podLogs';

const trans = nullTranslator.load('jupyterlab_kubeflow');
beforeAll(() => giveElementsSize(400, 400));

const pod = (name: string, state: object, restartCount = 0): Pod =>
  ({
    metadata: { name, namespace: 'team-a', uid: name },
    spec: { containers: [{ name: 'node' }, { name: 'proxy' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'node', state, restartCount },
        { name: 'proxy', state: { running: {} }, restartCount: 0 }
      ]
    }
  }) as unknown as Pod;

const RUNS = { running: {} };
const WAITS = { waiting: { reason: 'ImagePullBackOff' } };

/** Says these lines and then goes on. */
const lives = (...lines: [second: number, text: string][]) =>
  async function* (_: unknown, signal?: AbortSignal) {
    for (const [second, text] of lines) {
      yield `2026-11-20T10:00:0${second}Z ${text}\n`;
    }
    await new Promise(resolve => signal?.addEventListener('abort', resolve));
  };

function draw(server: FakeKubernetes, pods: Pod[]) {
  const kubernetes = makeKubernetes(server);
  const view = (shown: Pod[]) => (
    <PodLogs trans={trans} kubernetes={kubernetes} pods={shown} name="digits" ready />
  );
  const { rerender } = render(view(pods));
  return { show: (shown: Pod[]) => rerender(view(shown)) };
}

it('merges the logs of all pods, and waits in words for those that have not started', async () => {
  const server = new FakeKubernetes();
  server.logs.set('digits-0/node', lives([1, 'one'], [3, 'three']));
  server.logs.set('digits-1/node', lives([2, 'two']));
  const { show } = draw(server, [pod('digits-0', RUNS), pod('digits-1', WAITS)]);
  const log = await screen.findByRole('log', { name: 'Log of digits' });
  await waitFor(() => expect(log).toHaveTextContent('digits-0 one'));
  expect(screen.getByText(/Waiting for/)).toHaveTextContent(
    'Waiting for digits-1 (image pull back off) to start. Following…'
  );
  show([pod('digits-0', RUNS), pod('digits-1', RUNS)]);
  await waitFor(() => expect(log).toHaveTextContent('digits-1 two'));
  expect(screen.queryByText(/Waiting for/)).toBeNull();
});

it('shows one container, all of them, or the run before', async () => {
  const server = new FakeKubernetes();
  server.logs.set('digits-0/node', async function* (query) {
    yield `2026-11-20T10:00:01Z ${query?.['previous'] ? 'crashed' : 'of node'}\n`;
  });
  server.logs.set('digits-0/proxy', lives([2, 'of proxy']));
  draw(server, [pod('digits-0', RUNS, 1)]);
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('of node'));
  expect(screen.getByRole('log')).not.toHaveTextContent('of proxy');
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Container' }), '');
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('proxy of proxy'));
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Container' }), 'node');
  await userEvent.click(screen.getByRole('checkbox', { name: 'Previous run' }));
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('crashed'));
});

it('calls pods what they are, with their names on hover, where that tells them apart', async () => {
  const server = new FakeKubernetes();
  const lines = { 'a-x': 'one', 'a-y': 'two', 'b-x': 'three' };
  Object.entries(lines).forEach(([name, text], at) =>
    server.logs.set(`${name}/node`, lives([at + 1, text]))
  );
  const pods = Object.keys(lines).map(name => pod(name, RUNS));
  const labelOf = ({ metadata }: Pod) => (metadata?.name === 'b-x' ? 'node 1' : 'node 0');
  const kubernetes = makeKubernetes(server);
  render(
    <PodLogs
      trans={trans}
      kubernetes={kubernetes}
      pods={pods}
      name="digits"
      labelOf={labelOf}
      ready
    />
  );
  const log = await screen.findByRole('log', { name: 'Log of digits' });
  await waitFor(() => expect(log).toHaveTextContent('node 1 three'));
  expect(log).toHaveTextContent('node 0 (a-x) one');
  expect(log).toHaveTextContent('node 0 (a-y) two');
  expect(screen.getByTitle('b-x/node')).toHaveTextContent('node 1');
});

it('says that there are no pods yet', () => {
  draw(new FakeKubernetes(), []);
  expect(screen.getByText('digits has no pods yet. Their logs appear here.')).toBeVisible();
});
