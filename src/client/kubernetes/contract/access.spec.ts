/** Events of an object, what the user may do, and how refusals are told. */
import { ApiError } from '../..';
import { failure } from '../../../testing/contract';
import { clientOf, cluster, configMaps, ownNamespace, server } from '../../../testing/kubernetes';
import { events, jobs, pods, trainJobs } from '..';
import type { IAccess } from '..';

const client = clientOf();
const namespace = ownNamespace(client);
const onCluster = cluster ? it : it.skip;
const bob = () => clientOf({ ...server(), token: cluster?.users['bob'] ?? '' });

describe('events', () => {
  it('are those of an object, in the order of their times', async () => {
    const object = await client
      .resource(configMaps)
      .create({ metadata: { name: 'eventful', namespace: namespace() } });
    const other = await client
      .resource(configMaps)
      .create({ metadata: { name: 'quiet', namespace: namespace() } });
    const tell = (about: typeof object, reason: string, lastTimestamp: string) =>
      client.resource(events).create({
        metadata: { generateName: 'spec-', namespace: namespace() },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: about.metadata?.name,
          namespace: namespace(),
          uid: about.metadata?.uid
        },
        reason,
        message: `It is ${reason}.`,
        type: 'Normal',
        lastTimestamp
      });
    await tell(object, 'Later', '2026-01-01T00:00:02Z');
    await tell(object, 'Sooner', '2026-01-01T00:00:01Z');
    await tell(other, 'Else', '2026-01-01T00:00:00Z');
    const found = await client.eventsOf(object);
    expect(found.map(event => event.reason)).toEqual(['Sooner', 'Later']);
    expect(found[0]).toMatchObject({ kind: 'Event', message: 'It is Sooner.' });
  });
});

describe('access', () => {
  it('is allowed to whom all is allowed', async () => {
    expect(await client.may({ verb: 'delete', kind: trainJobs })).toEqual({ allowed: true });
    expect(
      await client.may({ verb: 'get', kind: pods, namespace: namespace(), subresource: 'log' })
    ).toEqual({ allowed: true });
  });

  onCluster.each<[IAccess, boolean, string]>([
    [{ verb: 'list', kind: trainJobs, namespace: 'team' }, true, ''],
    [{ verb: 'create', kind: trainJobs, namespace: 'team' }, false, 'create trainjobs'],
    [{ verb: 'list', kind: trainJobs }, false, 'list trainjobs in all namespaces'],
    [{ verb: 'list', kind: jobs, namespace: 'team' }, false, 'jobs in the namespace “team”'],
    [{ verb: 'get', kind: pods, namespace: 'team', subresource: 'log' }, false, 'get pods/log']
  ])('of one with few rights: %j', async (access, allowed, words) => {
    const answer = await bob().may(access);
    expect(answer.allowed).toBe(allowed);
    expect(answer.reason ?? '').toContain(words);
  });
});

describe('a refusal', () => {
  it('401: no or wrong credentials', async () => {
    const stranger = clientOf({ ...server(), token: 'wrong' });
    await expect(stranger.resource(pods).list({ namespace: 'default' })).rejects.toMatchObject({
      service: 'kubernetes',
      status: 401,
      reason: 'Unauthorized'
    });
  });

  onCluster('403: names who, verb, resource and namespace', async () => {
    const error = await failure(bob().resource(jobs).list({ namespace: 'team' }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 403,
      reason: 'Forbidden',
      message:
        'jobs.batch is forbidden: User "bob" cannot list resource "jobs" in API group "batch" in the namespace "team"',
      details: { group: 'batch', kind: 'jobs' }
    });
    await expect(
      bob().resource(trainJobs).delete({ name: 'one', namespace: 'team' })
    ).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('cannot delete resource "trainjobs"')
    });
    const log = bob().log({ name: 'one', namespace: 'team' })[Symbol.asyncIterator]();
    await expect(log.next()).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('cannot get resource "pods/log"')
    });
    const { resourceVersion } = await bob().resource(trainJobs).page({ namespace: 'team' });
    await expect(bob().resource(trainJobs).watch({ resourceVersion }).next()).rejects.toMatchObject(
      { status: 403 }
    );
  });

  it('404: names what is not there', async () => {
    const missing = client.resource(trainJobs).get({ name: 'none', namespace: namespace() });
    await expect(missing).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound',
      message: 'trainjobs.trainer.kubeflow.org "none" not found',
      details: { group: 'trainer.kubeflow.org', kind: 'trainjobs', name: 'none' }
    });
  });

  it('405 and 404: paths that there are not', async () => {
    const lost = client.resource({ ...pods, plural: 'podds' }).list({ namespace: namespace() });
    await expect(lost).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
  });
});
