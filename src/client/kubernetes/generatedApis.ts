/**
 * The generated APIs of `@kubernetes/client-node` over a transport: for what `KubernetesClient.resource` does not do (reviews of rules,
 * tokens of service accounts, scales …). Import it lazily (`KubernetesClient.apis`).
 *
 * They take and give JSON as it is on the wire, since the package's serializer is left out of the bundle (scripts/builder.config.cjs).
 * Failures are those of the transport (`ApiError`). A patch is a JSON patch: others are for `ResourceClient.patch`.
 */
import { createConfiguration } from '@kubernetes/client-node/dist/gen/configuration.js';
import { ResponseContext, wrapHttpLibrary } from '@kubernetes/client-node/dist/gen/http/http.js';
import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js';
import {
  ObjectAuthorizationV1Api,
  ObjectBatchV1Api,
  ObjectCoreV1Api
} from '@kubernetes/client-node/dist/gen/types/ObjectParamAPI.js';

import type { IServiceRequest, ITransport } from '../transport';
import type { Wire } from './object';

/** Of no consequence: the transport knows where the API is. */
const BASE = 'https://kubernetes';

/** A generated API with its types as they are on the wire. */
export type WireApi<Api> = {
  [Name in keyof Api as Name extends `${string}WithHttpInfo` ? never : Name]: Api[Name] extends (
    parameters: infer Parameters,
    options?: infer Options
  ) => Promise<infer Answer>
    ? (parameters: Wire<Parameters>, options?: Options) => Promise<Wire<Answer>>
    : never;
};

/** The APIs that are bundled. */
export interface IGeneratedApis {
  authorization: WireApi<ObjectAuthorizationV1Api>;
  batch: WireApi<ObjectBatchV1Api>;
  core: WireApi<ObjectCoreV1Api>;
}

/** The APIs over a transport. */
export function generatedApis(transport: ITransport): IGeneratedApis {
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(BASE, {}),
    httpApi: wrapHttpLibrary({ send: request => send(transport, request) })
  });
  return {
    authorization: wired(new ObjectAuthorizationV1Api(configuration)),
    batch: wired(new ObjectBatchV1Api(configuration)),
    core: wired(new ObjectCoreV1Api(configuration))
  };
}

const wired = <Api>(api: Api): WireApi<Api> => api as unknown as WireApi<Api>;

async function send(transport: ITransport, request: RequestContext): Promise<ResponseContext> {
  const { pathname, searchParams } = new URL(request.getUrl());
  const query: Record<string, string[]> = {};
  for (const key of new Set(searchParams.keys())) {
    query[key] = searchParams.getAll(key);
  }
  const answer = await transport.response('kubernetes', {
    method: request.getHttpMethod() as IServiceRequest['method'],
    path: pathname,
    query,
    headers: request.getHeaders(),
    body: request.getBody() as string | undefined,
    signal: request.getSignal()
  });
  const text = await answer.text();
  return new ResponseContext(answer.status, Object.fromEntries(answer.headers), {
    text: () => Promise.resolve(text),
    binary: () => Promise.reject(new Error('Answers of the Kubernetes API are texts.')),
    stream: () => null
  });
}
