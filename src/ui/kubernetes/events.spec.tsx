import { nullTranslator } from '@jupyterlab/translation';
import { act, render, screen } from '@testing-library/react';

import { giveElementsSize } from '../../testing/element-size';
import { FakeKubernetes } from '../../testing/fakeKubernetes';
import { makeKubernetes } from './connection';
import { Events } from './events';

const trans = nullTranslator.load('jupyterlab_kubeflow');
beforeAll(() => giveElementsSize(400, 400));

const event = (name: string, about: string, reason: string, second: number) => ({
  metadata: { name, namespace: 'team-a', uid: name },
  involvedObject: { kind: 'Pod', name: about, uid: about },
  reason,
  message: `${reason} happened`,
  type: 'Normal',
  lastTimestamp: `2026-11-20T10:00:0${second}Z`
});

it('shows what happened to an object and what it owns, live', async () => {
  const server = new FakeKubernetes({
    events: [event('e1', 'job', 'Created', 1), event('e2', 'other', 'Strange', 2)]
  });
  const kubernetes = makeKubernetes(server);
  render(
    <Events
      trans={trans}
      kubernetes={kubernetes}
      object={{ metadata: { name: 'job', namespace: 'team-a', uid: 'job' } }}
      owned={[{ metadata: { name: 'pod', uid: 'pod' } }]}
    />
  );
  expect(await screen.findAllByRole('listitem')).toHaveLength(1);
  act(() => server.put('events', event('e3', 'pod', 'Pulled', 5)));
  expect(await screen.findByText('Pulled happened')).toBeVisible();
  const items = screen.getAllByRole('listitem');
  expect(items).toHaveLength(2);
  expect(items[0]).toHaveTextContent('Pod');
  expect(items[0]).toHaveTextContent('Pulled');
  expect(screen.getByText('2 events')).toBeVisible();
});

it('says that nothing was reported', async () => {
  const kubernetes = makeKubernetes(new FakeKubernetes({ events: [] }));
  const object = { metadata: { name: 'job', namespace: 'team-a', uid: 'job' } };
  render(<Events trans={trans} kubernetes={kubernetes} object={object} />);
  expect(await screen.findByText(/Nothing has been reported of job/)).toBeVisible();
});
