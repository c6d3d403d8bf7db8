/** `fetch` for servers with a certificate authority of their own, which Node's own `fetch` can be told of at its start only. */
import * as https from 'node:https';
import { Readable } from 'node:stream';

/** A `fetch` that trusts `ca` (PEM), for text bodies. Aborting, and leaving the body's stream, hang up. */
export function httpsFetch(ca: string): typeof fetch {
  const agent = new https.Agent({ ca, keepAlive: true });
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const headers = new Headers(init.headers);
      if (typeof init.body === 'string') {
        // Of itself Node sends the body of a DELETE without its length, which makes it the beginning of the next request.
        headers.set('Content-Length', String(Buffer.byteLength(init.body)));
      }
      const signal = init.signal ?? undefined;
      const request = https.request(
        String(input),
        { agent, method: init.method ?? 'GET', headers: Object.fromEntries(headers), signal },
        answer => {
          const status = answer.statusCode ?? 0;
          const empty = status === 204 || status === 304;
          const pairs = Object.entries(answer.headers).map(
            ([name, value]) => [name, String(value)] as [string, string]
          );
          const body = empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
          resolve(new Response(body, { status, headers: pairs }));
        }
      );
      request.on('error', error =>
        // As fetch tells it: a cause within a TypeError, or the reason of the signal.
        reject(signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause: error }))
      );
      request.end(init.body as string | undefined);
    });
}
