/** What a resource client makes of answers that no server gives on demand; the rest is in `contract/`. */
import { ApiError } from '../errors';
import { answering } from '../../testing/answering';
import { KubernetesClient } from './client';
import { fieldErrors } from './fieldErrors';
import { pods } from './kinds';

/** A client that is answered from a list. */
function answered(...answers: (object | ApiError)[]) {
  const { asked, transport } = answering(...answers);
  const client = new KubernetesClient(transport);
  return { asked, client, resource: client.resource(pods) };
}

const page = (names: string[], token?: string) => ({
  apiVersion: 'v1',
  metadata: { resourceVersion: '7', continue: token },
  items: names.map(name => ({ metadata: { name } }))
});
const failure = (status: number) =>
  new ApiError({ service: 'kubernetes', status, reason: 'Expired', message: 'Too old.' });

describe('a list', () => {
  it('is read anew and at once when its pages are too old', async () => {
    const { asked, resource } = answered(page(['a'], 'next'), failure(410), page(['b', 'c']));
    const found = await resource.list({ namespace: 'team', limit: 1 });
    expect(found.map(each => each.metadata?.name)).toEqual(['b', 'c']);
    expect(asked.map(each => each.query)).toMatchObject([
      { limit: 1 },
      { limit: 1, continue: 'next' },
      { limit: 0, continue: undefined }
    ]);
  });

  it('fails for any other reason', async () => {
    const { resource } = answered(page(['a'], 'next'), failure(403));
    await expect(resource.list()).rejects.toMatchObject({ status: 403 });
  });
});

describe('a request about one object', () => {
  it.each(['', undefined])(
    'is not sent without its name (%p), since it would be about all',
    async name => {
      const { asked, resource } = answered();
      const nameless = { name: name as string, namespace: 'team' };
      const requests = [
        () => resource.delete(nameless),
        () => resource.get(nameless),
        () => resource.patch(nameless, { type: 'merge', body: {} }),
        () => resource.replace({ metadata: nameless }),
        () => resource.apply({ metadata: nameless }, { fieldManager: 'spec' })
      ];
      for (const request of requests) {
        const refused = await request().catch((error: unknown) => error);
        expect(refused).toMatchObject({ status: 422, reason: 'Invalid' });
        expect(fieldErrors(refused)).toMatchObject([{ field: 'metadata.name' }]);
      }
      expect(asked).toEqual([]);
    }
  );
});

describe('events of an object', () => {
  it('come in their order, also within a second', async () => {
    const events = ['2026-01-01T00:00:01.500000Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z'];
    const { client } = answered({ items: events.map(eventTime => ({ eventTime })) });
    const found = await client.eventsOf({ metadata: { name: 'a', namespace: 'team' } });
    expect(found.map(each => each.eventTime)).toEqual([...events].reverse());
  });
});
