/** What a resource client makes of answers that no server gives on demand; the rest is in `contract/`. */
import { ApiError } from '../errors';
import type { IServiceRequest, ITransport } from '../transport';
import { KubernetesClient } from './client';
import { pods } from './kinds';

/** Answers each request from a list; what is asked is kept. */
function answering(...answers: (object | ApiError)[]) {
  const asked: IServiceRequest[] = [];
  const transport = {
    json: async (_: string, request: IServiceRequest) => {
      asked.push(request);
      const answer = answers.shift();
      if (answer instanceof ApiError) {
        throw answer;
      }
      return answer;
    }
  } as unknown as ITransport;
  return { asked, resource: new KubernetesClient(transport).resource(pods) };
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
    const { asked, resource } = answering(page(['a'], 'next'), failure(410), page(['b', 'c']));
    const found = await resource.list({ namespace: 'team', limit: 1 });
    expect(found.map(each => each.metadata?.name)).toEqual(['b', 'c']);
    expect(asked.map(each => each.query)).toMatchObject([
      { limit: 1 },
      { limit: 1, continue: 'next' },
      { limit: 0, continue: undefined }
    ]);
  });

  it('fails for any other reason', async () => {
    const { resource } = answering(page(['a'], 'next'), failure(403));
    await expect(resource.list()).rejects.toMatchObject({ status: 403 });
  });
});
