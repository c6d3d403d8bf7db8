import type { TranslationBundle } from '@jupyterlab/translation';

import type { IConnection, IProfile } from '../client/connection';
import type { ApiError } from '../client/errors';
import { isNotFound, isOffline } from '../client/errors';

/** The connection in words, for the status bar. */
export interface IConnectionWords {
  /** Whether it does not work. */
  broken: boolean;
  /** The connection and its namespace, or why it does not work, in few words: "kind-dev · team-a", "kind-dev, not reachable". */
  label: string;
  /** A sentence on what is the matter and what to do. */
  sentence: string;
}

/** Tells the state of the connection; `null` before the first answer. */
export function describeConnection(
  { state, error }: Pick<IConnection, 'state' | 'error'>,
  trans: TranslationBundle
): IConnectionWords | null {
  if (error) {
    return {
      broken: true,
      label: trans.__('%1, %2', state?.active || trans.__('no connection'), short(error, trans)),
      sentence: isNotFound(error)
        ? trans.__(
            'The Jupyter server does not run the extension jupyterlab_kubeflow. Install the package jupyterlab-kubeflow where that server runs and restart it; when it is installed, the log of the server says why it was not loaded.'
          )
        : error.message
    };
  }
  if (!state) {
    return null;
  }
  const { active, namespace, status } = state;
  if (!status.ok) {
    const reason = shortReason(status.reason, trans);
    return {
      broken: true,
      label: trans.__('%1, %2', active || trans.__('no connection'), reason),
      sentence: status.message || trans.__('The connection %1 does not work: %2.', active, reason)
    };
  }
  return {
    broken: false,
    label: namespace ? `${active} · ${namespace}` : active,
    sentence: namespace
      ? trans.__('Connected to %1, namespace %2.', active, namespace)
      : trans.__('Connected to %1.', active)
  };
}

/** Where a profile leads, in words. */
export function kindWords(kind: IProfile['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'local':
      return trans.__('Local Kubeflow on this machine');
    case 'kubeconfig':
      return trans.__('cluster of a kubeconfig context');
    case 'in-cluster':
      return trans.__('the cluster that Jupyter runs in');
    case 'configured':
      return trans.__('services configured in connections.json');
  }
}

/** Why the Jupyter server could not be asked, in few words. */
function short(error: Error, trans: TranslationBundle): string {
  if (isNotFound(error)) {
    return trans.__('server extension missing');
  }
  return isOffline(error)
    ? trans.__('Jupyter server does not answer')
    : shortReason((error as Partial<ApiError>).reason, trans);
}

function shortReason(reason: string | undefined, trans: TranslationBundle): string {
  switch (reason) {
    case 'Unreachable':
    case 'UpstreamUnreachable':
      return trans.__('not reachable');
    case 'UpstreamTimeout':
      return trans.__('does not answer');
    case 'UpstreamInvalid':
      return trans.__('answers with something else');
    case 'Unauthorized':
      return trans.__('sign-in needed');
    case 'Forbidden':
      return trans.__('not allowed');
    case 'NotConfigured':
      return trans.__('not set up');
    default:
      return trans.__('does not work');
  }
}
