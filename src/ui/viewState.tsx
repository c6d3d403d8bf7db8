import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useId, useState } from 'react';

import { isForbidden, isRetryable } from '../client/errors';
import { formatClock } from './format';

/** What stands in a view's place, or above its last data, when it cannot simply show its content. */
export type ViewStateKind =
  'loading' | 'empty' | 'no-match' | 'forbidden' | 'absent' | 'offline' | 'error';

/** The fields of `ApiError` that say what happened; any thrown value is read through them. */
interface IErrorLike {
  service?: string;
  status?: number;
  reason?: string;
  message?: string;
  details?: unknown;
}

/** Which state a failed read puts a view in. */
export function errorKind(error: unknown): 'forbidden' | 'absent' | 'offline' | 'error' {
  const { reason } = (error ?? {}) as IErrorLike;
  if (reason === 'NotConfigured') {
    return 'absent';
  }
  if (isForbidden(error)) {
    return 'forbidden';
  }
  return isRetryable(error) && reason !== 'UpstreamInvalid' ? 'offline' : 'error';
}

/** An error's sentence. */
export function errorMessage(error: unknown): string {
  return (error as IErrorLike | null)?.message || String(error);
}

/** Everything that is known of an error, as text for a report. */
export function errorDetails(error: unknown): string {
  const { service, status, reason, message, details } = (error ?? {}) as IErrorLike;
  return JSON.stringify(
    { service, status, reason, message: message ?? String(error), details },
    null,
    2
  );
}

/** A button of the view, in JupyterLab's small style. */
export function TextButton(props: {
  children: React.ReactNode;
  onClick: () => void;
  primary?: boolean;
  disabled?: boolean;
  /** Why it does nothing now: on hover, and told by screen readers; the keyboard still reaches it. */
  reason?: string;
}): JSX.Element {
  const { reason } = props;
  const id = useId();
  return (
    <>
      <button
        type="button"
        className={`jp-Kubeflow-button jp-mod-styled ${props.primary ? 'jp-mod-accept' : 'jp-mod-reject'} jp-mod-small`}
        onClick={() => reason === undefined && props.onClick()}
        disabled={props.disabled}
        title={reason}
        aria-disabled={reason === undefined ? undefined : true}
        aria-describedby={reason === undefined ? undefined : id}
      >
        {props.children}
      </button>
      {reason !== undefined && (
        <span id={id} className="jp-Kubeflow-spoken">
          {reason}
        </span>
      )}
    </>
  );
}

/** Rows in the place of content that takes longer than 150 ms to come. */
export function Skeleton(props: { trans: TranslationBundle; rows?: number }): JSX.Element | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 150);
    return () => window.clearTimeout(timer);
  }, []);
  if (!late) {
    return null;
  }
  return (
    <div className="jp-Kubeflow-skeleton" role="status" aria-label={props.trans.__('Loading…')}>
      {Array.from({ length: props.rows ?? 6 }, (_, row) => (
        <div key={row} className="jp-Kubeflow-skeleton-row" />
      ))}
    </div>
  );
}

/** What a view says when it has no content to show. */
export interface IViewStateProps {
  kind: Exclude<ViewStateKind, 'loading'>;
  trans: TranslationBundle;
  /** One sentence: what is the case and what to do. The error's own sentence when left out. */
  message?: React.ReactNode;
  /** What fills, clears or retries. */
  action?: { label: string; run: () => void };
  /** Where to read on, for a component that is absent. */
  link?: { label: string; href: string };
  /** Adds *Copy details*. */
  error?: unknown;
}

/** Empty, no match, forbidden, component absent and error: one sentence and what to do next. */
export function ViewState(props: IViewStateProps): JSX.Element {
  const { kind, trans, message, action, link, error } = props;
  const failed = kind === 'error' || kind === 'forbidden' || kind === 'offline';
  return (
    <div
      className={`jp-Kubeflow-viewState jp-mod-${kind}`}
      role={failed ? 'alert' : 'status'}
      data-view-state={kind}
    >
      <p>{message ?? errorMessage(error)}</p>
      {link && (
        <p>
          <a href={link.href} target="_blank" rel="noreferrer">
            {link.label}
          </a>
        </p>
      )}
      <div className="jp-Kubeflow-viewState-actions">
        {action && (
          <TextButton primary={kind === 'empty'} onClick={action.run}>
            {action.label}
          </TextButton>
        )}
        {error != null && kind !== 'absent' && (
          <TextButton onClick={() => Clipboard.copyToSystem(errorDetails(error))}>
            {trans.__('Copy details')}
          </TextButton>
        )}
      </div>
    </div>
  );
}

/** The line above data that is no longer current; the data below it is greyed by `jp-mod-offline` of its frame. */
export function OfflineBar(props: {
  trans: TranslationBundle;
  /** When the data was last current, in milliseconds since the epoch. */
  since?: number;
  error: unknown;
  retry: () => void;
}): JSX.Element {
  const { trans, since } = props;
  return (
    <div className="jp-Kubeflow-offline" role="alert" data-view-state="offline">
      <span title={errorMessage(props.error)}>
        {errorKind(props.error) === 'offline' && since !== undefined
          ? trans.__('Offline since %1', formatClock(since))
          : errorMessage(props.error)}
      </span>
      <TextButton onClick={props.retry}>{trans.__('Retry now')}</TextButton>
    </div>
  );
}
