/** What the user may not do is disabled, with the reason. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useContext, useEffect, useState } from 'react';

import type { IAccess, IAccessAnswer, Verb } from '../../client/kubernetes/access';
import type { KubernetesClient } from '../../client/kubernetes/client';
import { VisibleContext } from '../text';
import { refusal } from './problem';

/**
 * Whether the user may do something, asked of the API server while the view is on the screen. `undefined` until it has answered. A question
 * that fails counts as yes, since the server refuses by itself what is not allowed; `null` asks nothing.
 */
export function useAccess(
  client: Pick<KubernetesClient, 'may'>,
  access: IAccess | null,
  trans: TranslationBundle
): IAccessAnswer | undefined {
  const visible = useContext(VisibleContext);
  const [answer, setAnswer] = useState<IAccessAnswer>();
  const key =
    access &&
    JSON.stringify([
      access.verb,
      access.kind.group,
      access.kind.plural,
      access.namespace,
      access.name
    ]);
  useEffect(() => {
    if (!access || !visible) {
      return;
    }
    const abort = new AbortController();
    client.may(access, abort.signal).then(
      answer =>
        setAnswer(
          answer.allowed || answer.denied ? answer : { ...answer, reason: refusal(access, trans) }
        ),
      () => abort.signal.aborted || setAnswer({ allowed: true })
    );
    return () => abort.abort();
    // What is asked is a new object at each render; its key says whether it is another question.
  }, [client, key, visible]);
  return answer;
}

/** Draws what needs a right: `reason` says why it is disabled, and is undefined where it works or the answer is not there yet. */
export function AccessGate(props: {
  client: Pick<KubernetesClient, 'may'>;
  access: IAccess;
  trans: TranslationBundle;
  children: (reason: string | undefined) => JSX.Element;
}): JSX.Element {
  const answer = useAccess(props.client, props.access, props.trans);
  return props.children(answer?.allowed === false ? answer.reason : undefined);
}

/** Why the user may not do something to the objects of a kind in a namespace, by verb; `null` asks nothing. What is not here may be done. */
export function useRefusals<V extends Verb>(
  client: Pick<KubernetesClient, 'may'>,
  kind: IAccess['kind'],
  namespace: string | null,
  verbs: readonly V[],
  trans: TranslationBundle
): Partial<Record<V, string>> {
  const refusals: Partial<Record<V, string>> = {};
  for (const verb of verbs) {
    // The verbs are the same at each render.
    const answer = useAccess(client, namespace === null ? null : { verb, kind, namespace }, trans);
    if (answer?.allowed === false) {
      refusals[verb] = answer.reason;
    }
  }
  return refusals;
}
