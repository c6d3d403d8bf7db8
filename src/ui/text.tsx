/** Small pieces of text that every view uses. */
import { createContext, useContext, useEffect, useState } from 'react';

import { elapsed, formatExact, formatRelative, splitName } from './format';

/** A name on one line that gives way in its middle; the whole name on hover, with `facts` below it, and for screen readers. */
export function Name(props: { text: string; className?: string; facts?: string }): JSX.Element {
  const [head, tail] = splitName(props.text);
  return (
    <bdi
      className={`jp-Kubeflow-name ${props.className ?? ''}`}
      title={[props.text, props.facts].filter(Boolean).join('\n')}
    >
      <span className="jp-Kubeflow-spoken">{props.text}</span>
      <span className="jp-Kubeflow-name-head" aria-hidden>
        {head}
      </span>
      {tail && (
        <span className="jp-Kubeflow-name-tail" aria-hidden>
          {tail}
        </span>
      )}
    </bdi>
  );
}

/** Whether the view is on the screen; clocks and polling rest while it is not. */
export const VisibleContext = createContext(true);

/** The time in milliseconds, renewed every `interval` milliseconds while `active` and on the screen. */
export function useNow(interval: number, active = true): number {
  const visible = useContext(VisibleContext);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active || !visible) {
      return;
    }
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), interval);
    return () => window.clearInterval(timer);
  }, [interval, active, visible]);
  return now;
}

/** A moment relative to `now`, exact on hover. */
export function RelativeTime(props: {
  iso: string | undefined;
  now: number;
  locale?: string;
  /** Whether to count seconds in the first minute. */
  seconds?: boolean;
}): JSX.Element {
  return (
    <time
      className="jp-Kubeflow-time"
      dateTime={props.iso}
      title={formatExact(props.iso, props.locale)}
    >
      {formatRelative(props.iso, props.now, props.locale, props.seconds)}
    </time>
  );
}

/** How long ago something was, counting by itself; seconds in the first minute. */
export function Ago(props: { iso: string | undefined; locale?: string }): JSX.Element {
  const { iso, locale } = props;
  const then = Date.parse(iso ?? '');
  const now = useNow(Date.now() - then < 60_000 ? 1000 : 10_000);
  // The server's clock may be ahead.
  return <RelativeTime iso={iso} now={Math.max(now, then)} locale={locale} seconds />;
}

/** How long something took, counting while it has no end. */
export function Elapsed(props: { start?: string; end?: string }): JSX.Element {
  const now = useNow(1000, Boolean(props.start) && !props.end);
  return <span className="jp-Kubeflow-figure">{elapsed(props.start, props.end, now)}</span>;
}
