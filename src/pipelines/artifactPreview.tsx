import { useEffect, useState } from 'react';

import { isAborted } from '../client/errors';
import { formatBytes } from '../ui/format';
import { Skeleton, ViewState } from '../ui/viewState';
import type { ArtifactView } from './artifacts';
import type { PipelinesContext } from './context';

/** The most of a text that is shown, in characters. */
const LIMIT = 200_000;

/** What a report may load: nothing but what it brings itself. No scripts, whatever the sandbox. */
const POLICY =
  "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; font-src data:; media-src data:";

/** Reports are written for paper: dark text that brings no ground of its own. */
const PAPER = ':root{background:#fff;color:#000}';

/** A page that shows a report under that policy. */
export function sealedReport(html: string): string {
  return `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><style>${PAPER}</style>${html}`;
}

type Content =
  | { kind: 'text'; text: string; size: number }
  | { kind: 'image'; url: string }
  | { kind: 'binary'; size: number };

/** An artifact's content below its line: a report in a sealed frame, an image, or text. */
export function ArtifactPreview(props: {
  context: PipelinesContext;
  uri: string;
  label: string;
  view: ArtifactView;
}): JSX.Element {
  const { context, uri, label, view } = props;
  const { trans } = context;
  const [content, setContent] = useState<Content | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    let url: string | undefined;
    setError(null);
    const read = async () => {
      try {
        const response = await context.client.artifactContent(uri, abort.signal);
        const blob = await response.blob();
        const next = await contentOf(blob, uri);
        url = next.kind === 'image' ? next.url : undefined;
        setContent(next);
      } catch (reason) {
        if (!isAborted(reason)) {
          setError(reason);
        }
      }
    };
    void read();
    return () => {
      abort.abort();
      if (url) {
        URL.revokeObjectURL(url);
      }
    };
  }, [context, uri, turn]);

  if (error != null) {
    return (
      <ViewState
        kind="error"
        trans={trans}
        error={error}
        action={{ label: trans.__('Retry now'), run: () => setTurn(turn + 1) }}
      />
    );
  }
  if (!content) {
    return <Skeleton trans={trans} rows={3} />;
  }
  if (content.kind === 'image') {
    return <img className="jp-Kubeflow-preview" src={content.url} alt={label} />;
  }
  if (content.kind === 'binary') {
    return (
      <p className="jp-Kubeflow-notice">
        {trans.__(
          '%1 is binary (%2). Download it to look at it.',
          label,
          formatBytes(content.size)
        )}
      </p>
    );
  }
  if (view === 'html') {
    return (
      <iframe
        className="jp-Kubeflow-preview jp-mod-report"
        title={label}
        sandbox=""
        srcDoc={sealedReport(content.text)}
      />
    );
  }
  return (
    <>
      {content.text.length > LIMIT && (
        <p className="jp-Kubeflow-notice">
          {trans.__(
            'The first %1 of %2 are shown. Download the file to have all of it.',
            formatBytes(LIMIT),
            formatBytes(content.size)
          )}
        </p>
      )}
      <pre className="jp-Kubeflow-preview" tabIndex={0} aria-label={label}>
        {content.text.slice(0, LIMIT)}
      </pre>
    </>
  );
}

const IMAGES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp'
};

async function contentOf(blob: Blob, uri: string): Promise<Content> {
  const image = IMAGES[uri.split('.').pop()?.toLowerCase() ?? ''];
  if (image) {
    return { kind: 'image', url: URL.createObjectURL(new Blob([blob], { type: image })) };
  }
  const head = await blob.slice(0, 4096).text();
  return head.includes('\u0000')
    ? { kind: 'binary', size: blob.size }
    : { kind: 'text', text: await blob.text(), size: blob.size };
}
