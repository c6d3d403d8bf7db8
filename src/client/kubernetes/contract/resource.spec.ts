/** Objects over the wire, on Local Kubeflow and, under `npm run test:cluster`, on a real API server. */
import { clientOf } from '../../../testing/kubernetes';
import { namespaces } from '..';

const client = clientOf();

describe('objects', () => {
  it('are created, read, changed and deleted', async () => {
    const resource = client.resource(namespaces);
    const created = await resource.create({ metadata: { generateName: 'contract-' } });
    const name = created.metadata?.name ?? '';
    expect((await resource.get({ name })).metadata?.uid).toBe(created.metadata?.uid);
    const labels = { purpose: 'contract' };
    await resource.patch({ name }, { type: 'merge', body: { metadata: { labels } } });
    expect(await resource.list({ labelSelector: 'purpose=contract' })).toMatchObject([
      { kind: 'Namespace', metadata: { name } }
    ]);
    await resource.delete({ name });
  });
});
