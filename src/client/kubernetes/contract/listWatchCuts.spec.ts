/** A list-watch whose connection breaks over and over, on Local Kubeflow and, under `npm run test:cluster`, on a real API server. */
import { clientOf, ownNamespace, server, transportTo } from '../../../testing/kubernetes';
import { cuttingProxy, expectNothingLost, seeded } from '../../../testing/listWatch';

const CUTS = 100;

const client = clientOf();
const namespace = ownNamespace(client);

it('gets every event once and in order, however often its connection breaks', async () => {
  const random = seeded(20261121);
  const proxy = await cuttingProxy(server().url, () => random(150_000), random);
  const cut = transportTo({ ...server(), url: proxy.url });
  const whole = transportTo(server());
  const { statuses } = await expectNothingLost({
    client,
    namespace: namespace(),
    proxy,
    cuts: CUTS,
    cut,
    whole
  });
  expect(statuses).not.toContain('stopped');
  await proxy.close();
});
