/** @jest-environment node */
import { ApiError } from '../errors';
import type { ITransport } from '../transport';
import { Discovery } from './discovery';
import { localQueues } from './kinds';

/** A server with these versions of Kueue, and what it was asked. */
function server(versions: Set<string>) {
  const asked: string[] = [];
  const transport: ITransport = {
    json: async <T>(_: string, { path }: { path: string }) => {
      asked.push(path);
      const version = path.split('/').pop() ?? '';
      if (!versions.has(version)) {
        throw new ApiError({
          service: 'kubernetes',
          status: 404,
          reason: 'NotFound',
          message: 'the server could not find the requested resource'
        });
      }
      return { resources: [{ name: 'localqueues' }] } as T;
    },
    response: () => Promise.reject(new Error('not used')),
    stream: () => {
      throw new Error('not used');
    }
  };
  return { asked, discovery: new Discovery(transport) };
}

it('takes the first version that is served, and asks for each once', async () => {
  const { asked, discovery } = server(new Set(['v1beta1']));
  expect(await discovery.version(localQueues)).toBe('v1beta1');
  expect(await discovery.version(localQueues)).toBe('v1beta1');
  expect(asked).toEqual(['/apis/kueue.x-k8s.io/v1beta2', '/apis/kueue.x-k8s.io/v1beta1']);
});

it('says what is not installed, and finds it once it is', async () => {
  const versions = new Set<string>();
  const { discovery } = server(versions);
  await expect(discovery.version(localQueues)).rejects.toMatchObject({
    status: 404,
    reason: 'NotInstalled'
  });
  expect(await discovery.has(localQueues)).toBe(false);
  versions.add('v1beta2');
  expect(await discovery.version(localQueues)).toBe('v1beta2');
});
