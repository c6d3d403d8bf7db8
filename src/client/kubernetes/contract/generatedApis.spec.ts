/** The generated APIs of `@kubernetes/client-node` over the client's transport. */
import { ApiError } from '../..';
import { failure } from '../../../testing/contract';
import { clientOf, ownNamespace } from '../../../testing/kubernetes';

const client = clientOf();
const namespace = ownNamespace(client);

// The first time, jest has the package's modules to translate.
beforeAll(() => client.apis(), 180_000);

describe('the generated APIs', () => {
  it('read and write', async () => {
    const { core } = await client.apis();
    const made = await core.createNamespacedConfigMap({
      namespace: namespace(),
      body: { metadata: { name: 'generated', labels: { purpose: 'spec' } }, data: { a: '1' } }
    });
    expect(made.metadata?.creationTimestamp).toMatch(/^\d{4}-.*Z$/);
    const found = await core.listNamespacedConfigMap({
      namespace: namespace(),
      labelSelector: 'purpose=spec',
      limit: 1
    });
    expect(found.items.map(each => each.data)).toEqual([{ a: '1' }]);
    await core.deleteNamespacedConfigMap({ namespace: namespace(), name: 'generated' });
  });

  it('ask what the user may do', async () => {
    const { authorization } = await client.apis();
    const { status } = await authorization.createSelfSubjectRulesReview({
      body: { spec: { namespace: namespace() } }
    });
    expect(status?.resourceRules).toContainEqual(expect.objectContaining({ verbs: ['*'] }));
  });

  it('fail as the rest of the client does', async () => {
    const { batch } = await client.apis();
    const error = await failure(batch.readNamespacedJob({ namespace: namespace(), name: 'none' }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 404,
      reason: 'NotFound',
      message: 'jobs.batch "none" not found'
    });
  });
});
