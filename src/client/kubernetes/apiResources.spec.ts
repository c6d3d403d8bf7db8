/** @jest-environment node */
import type { IServiceRequest, ITransport } from '../transport';
import { apiResources, findResource } from './apiResources';
import { columnsOf } from './columns';
import { KubernetesClient } from './client';
import { pods } from './kinds';
import { OpenApi } from './openApi';

/** Answers by path; anything else fails. */
function transport(answers: Record<string, unknown>): ITransport & { asked: IServiceRequest[] } {
  const asked: IServiceRequest[] = [];
  return {
    asked,
    json: async <T>(_: string, request: IServiceRequest) => {
      asked.push(request);
      if (!(request.path in answers)) {
        throw new Error(`Nobody knows ${request.path}.`);
      }
      return answers[request.path] as T;
    }
  } as unknown as ITransport & { asked: IServiceRequest[] };
}

const POD = { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'], shortNames: ['po'] };

it('reads aggregated discovery in two requests; of several versions the preferred one', async () => {
  const resource = (kind: string, plural: string) => ({
    resource: plural,
    responseKind: { kind },
    scope: 'Namespaced',
    verbs: ['list'],
    shortNames: []
  });
  const list = (name: string, ...versions: unknown[]) => ({
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: { name }, versions }]
  });
  const server = transport({
    '/api': list('', { version: 'v1', resources: [resource('Pod', 'pods')] }),
    '/apis': list(
      'kueue.x-k8s.io',
      { version: 'v1beta2', resources: [resource('Workload', 'workloads')] },
      {
        version: 'v1beta1',
        resources: [resource('Workload', 'workloads'), resource('Old', 'olds')]
      }
    )
  });
  const found = await apiResources(server);
  expect(found.map(each => [each.kind, each.group, ...each.versions])).toEqual([
    ['Pod', '', 'v1'],
    ['Old', 'kueue.x-k8s.io', 'v1beta1'],
    ['Workload', 'kueue.x-k8s.io', 'v1beta2']
  ]);
  expect(server.asked).toHaveLength(2);
});

it('reads the documents of each group where a server does not aggregate', async () => {
  const server = transport({
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: [{ name: 'batch', preferredVersion: { version: 'v1' } }]
    },
    '/api/v1': { resources: [POD, { name: 'pods/log', kind: 'Pod' }] },
    '/apis/batch/v1': { resources: [{ name: 'jobs', kind: 'Job', namespaced: true, verbs: [] }] }
  });
  const found = await apiResources(server);
  expect(found.map(each => each.plural)).toEqual(['pods', 'jobs']);
  expect(findResource(found, 'po')?.kind).toBe('Pod');
  expect(findResource(found, 'Job')?.plural).toBe('jobs');
  expect(findResource(found, 'jobs', 'other')).toBeUndefined();
});

it('fetches the schemas of a group version once', async () => {
  const made = [{ group: 'batch', version: 'v1', kind: 'Job' }];
  const server = transport({
    '/openapi/v3': {
      paths: { 'apis/batch/v1': { serverRelativeURL: '/openapi/v3/apis/batch/v1?hash=7' } }
    },
    '/openapi/v3/apis/batch/v1': {
      components: { schemas: { Job: { type: 'object', 'x-kubernetes-group-version-kind': made } } }
    }
  });
  const schemas = new OpenApi(server);
  expect((await schemas.schema('batch/v1', 'Job'))?.root).toMatchObject({ type: 'object' });
  expect(await schemas.schema('batch/v1', 'Other')).toBeUndefined();
  expect(await schemas.schema('none/v1', 'Job')).toBeUndefined();
  expect(server.asked).toHaveLength(2);
  expect(server.asked[1]?.query).toEqual({ hash: '7' });
});

it('reads the columns that a server shows', async () => {
  const server = transport({
    '/api/v1/namespaces/ns/pods/one': {
      columnDefinitions: [
        { name: 'Name' },
        { name: 'Ready', description: 'How many.' },
        { name: 'IP' }
      ],
      rows: [{ cells: ['one', '1/2', '<none>'] }]
    }
  });
  const name = { name: 'one', namespace: 'ns' };
  expect(await columnsOf(server, new KubernetesClient(server), pods, name)).toEqual([
    { name: 'Ready', value: '1/2', description: 'How many.' }
  ]);
});
