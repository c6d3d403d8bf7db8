import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon, downloadIcon } from '@jupyterlab/ui-components';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';

import { ansiClass, parseAnsi } from './ansi';
import { IconButton } from './iconButton';
import { formatBytes } from './format';
import type { ILogLine, LogBuffer } from './logBuffer';
import { TextButton } from './viewState';

const LINE_HEIGHT = 18;
/** How far from its end, in pixels, a log still follows. */
const FOLLOW_ZONE = 24;

/** A log that grows. */
export interface ILogViewProps {
  trans: TranslationBundle;
  buffer: LogBuffer;
  /** `buffer.version`: what makes the view draw anew. */
  version: number;
  /** Shown below the lines: still following, ended, or why it broke off. */
  status?: React.ReactNode;
  /** Downloads the whole log, also what the buffer has dropped. */
  onDownload: () => void;
  label: string;
  /** Lines may begin with a label that `labelEnd` ends; it is drawn with `className`, and `title` on hover. */
  labels?: {
    labelEnd: string;
    className: (label: string) => string;
    title?: (label: string) => string;
  };
}

/** A log: it follows at the end until it is scrolled up, and can be searched, wrapped, copied and downloaded. */
export function LogView(props: ILogViewProps): JSX.Element {
  const { buffer, trans, version } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const top = useRef(0);
  const [wrap, setWrap] = useState(true);
  const [query, setQuery] = useState('');
  const [place, setPlace] = useState(0);
  const lines = buffer.lines;
  // The buffer changes in place; its version says when.
  const found = useMemo(() => buffer.find(query), [buffer, version, query]);
  const at = found.length > 0 ? Math.min(place, found.length - 1) : -1;
  const current = found[at];

  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: index => index + buffer.dropped,
    overscan: 20
  });
  const rows = virtualizer.getVirtualItems();
  const missing = missingWords(buffer, trans);

  const height = virtualizer.getTotalSize();

  useEffect(() => {
    if (following.current && scroller.current) {
      scroller.current.scrollTop = scroller.current.scrollHeight;
    }
  }, [version, height, wrap]);
  useEffect(() => virtualizer.measure(), [virtualizer, wrap]);

  const show = (line: number | undefined) => {
    if (line !== undefined) {
      following.current = false;
      virtualizer.scrollToIndex(line, { align: 'center' });
    }
  };
  useEffect(() => show(found[0]), [query]);
  const jump = (to: number) => {
    const next = (to + found.length) % Math.max(1, found.length);
    setPlace(next);
    show(found[next]);
  };

  return (
    <div className="jp-Kubeflow-log">
      <div className="jp-Kubeflow-log-toolbar" role="toolbar" aria-label={trans.__('Log')}>
        <input
          type="search"
          className="jp-Kubeflow-input"
          placeholder={trans.__('Search log')}
          aria-label={trans.__('Search log')}
          value={query}
          onChange={event => {
            setQuery(event.target.value);
            setPlace(0);
          }}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              jump(query && at === place ? at + (event.shiftKey ? -1 : 1) : 0);
            }
          }}
        />
        {query && (
          <span className="jp-Kubeflow-log-count" role="status">
            {found.length === 0 ? trans.__('No match') : trans.__('%1 of %2', at + 1, found.length)}
          </span>
        )}
        <span className="jp-Kubeflow-spacer" />
        <label className="jp-Kubeflow-check">
          <input type="checkbox" checked={wrap} onChange={() => setWrap(!wrap)} />
          {trans.__('Wrap')}
        </label>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy log')}
          onClick={() => Clipboard.copyToSystem(buffer.text())}
        />
        <IconButton
          icon={downloadIcon}
          label={trans.__('Download log')}
          onClick={props.onDownload}
        />
      </div>
      {missing && (
        <p className="jp-Kubeflow-notice jp-Kubeflow-log-missing" role="status">
          <span>{missing}</span>
          <TextButton onClick={props.onDownload}>{trans.__('Download all of it')}</TextButton>
        </p>
      )}
      <div
        ref={scroller}
        className={`jp-Kubeflow-log-lines jp-RenderedText${wrap ? ' jp-mod-wrap' : ''}`}
        role="log"
        aria-live="off"
        aria-label={props.label}
        tabIndex={0}
        onScroll={event => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          if (scrollHeight - scrollTop - clientHeight < FOLLOW_ZONE) {
            following.current = true;
          } else if (scrollTop < top.current) {
            following.current = false;
          }
          top.current = scrollTop;
        }}
      >
        <div style={{ height, position: 'relative' }}>
          {rows.map(row => {
            const line = lines[row.index];
            return (
              line && (
                <pre
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  className={`jp-Kubeflow-log-line${row.index === current ? ' jp-mod-current' : ''}`}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <Line line={line} query={query} labels={props.labels} />
                </pre>
              )
            );
          })}
        </div>
      </div>
      {props.status && (
        <p className="jp-Kubeflow-log-status" role="status">
          {props.status}
        </p>
      )}
    </div>
  );
}

/** What of the log's start is not here, in words; `null` when all of it is. */
function missingWords({ skipped, dropped, cut }: LogBuffer, trans: TranslationBundle) {
  const lines = dropped.toLocaleString();
  if (skipped > 0) {
    const size = formatBytes(skipped);
    return dropped > 0
      ? trans._n(
          'The first %2 of the log and the line after that are not shown.',
          'The first %2 of the log and %3 lines after that are not shown.',
          dropped,
          size,
          lines
        )
      : trans.__('The first %1 of the log are not shown.', size);
  }
  if (cut > 0) {
    const characters = cut.toLocaleString();
    return trans.__('The first %1 characters of the line below are not shown.', characters);
  }
  return dropped > 0 ? trans.__('The first %1 lines are not shown.', lines) : null;
}

function Line(props: {
  line: ILogLine;
  query: string;
  labels?: ILogViewProps['labels'];
}): JSX.Element {
  const { labels, line } = props;
  const end = labels ? line.text.indexOf(labels.labelEnd) : -1;
  if (labels && end >= 0) {
    const label = line.text.slice(0, end);
    const rest = { text: line.text.slice(end + labels.labelEnd.length), style: line.style };
    return (
      <>
        <span className={labels.className(label)} title={labels.title?.(label)}>
          {highlight(label, props.query)}
        </span>
        <Line line={rest} query={props.query} />
      </>
    );
  }
  const { spans } = parseAnsi(line.text, line.style);
  if (spans.length === 0) {
    return <>{'\u00a0'}</>;
  }
  return (
    <>
      {spans.map((span, index) => (
        <span key={index} className={ansiClass(span.style)}>
          {highlight(span.text, props.query)}
        </span>
      ))}
    </>
  );
}

function highlight(text: string, query: string): React.ReactNode {
  if (!query) {
    return text;
  }
  const parts: React.ReactNode[] = [];
  const lower = text.toLowerCase();
  const wanted = query.toLowerCase();
  let from = 0;
  // Where lower case has another length than the text, places would not fit: then nothing is marked.
  for (
    let at = lower.length === text.length ? lower.indexOf(wanted) : -1;
    at >= 0;
    at = lower.indexOf(wanted, from)
  ) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  parts.push(text.slice(from));
  return parts;
}
