import type { TranslationBundle } from '@jupyterlab/translation';
import { structuredPatch } from 'diff';
import { useMemo } from 'react';

/** Lines around a change that are shown with it. */
const CONTEXT = 3;

/** What becomes of a text, line by line: removed and added lines by sign, word and colour. */
export function YamlDiff(props: {
  trans: TranslationBundle;
  before: string;
  after: string;
  label: string;
}): JSX.Element {
  const { trans, before, after } = props;
  const hunks = useMemo(
    () => structuredPatch('', '', before, after, '', '', { context: CONTEXT }).hunks,
    [before, after]
  );
  return (
    <div className="jp-Kubeflow-diff" role="group" tabIndex={0} aria-label={props.label}>
      <table>
        <tbody>
          {hunks.map((hunk, at) => [
            <tr key={`at${at}`} className="jp-Kubeflow-diff-gap" aria-hidden>
              <td />
              <td>⋯</td>
            </tr>,
            ...hunk.lines
              .filter(line => !line.startsWith('\\'))
              .map((line, index) => (
                <tr key={`${at}.${index}`} className={`jp-mod-${KINDS[line[0] ?? ' '] ?? 'same'}`}>
                  <td>
                    <span aria-hidden>{SIGNS[line[0] ?? ' '] ?? ''}</span>
                    <span className="jp-Kubeflow-spoken">
                      {line[0] === '+'
                        ? trans.__('Added:')
                        : line[0] === '-'
                          ? trans.__('Removed:')
                          : ''}
                    </span>
                  </td>
                  <td>{line.slice(1) || '\u00a0'}</td>
                </tr>
              ))
          ])}
        </tbody>
      </table>
    </div>
  );
}

const KINDS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed' };
const SIGNS: Readonly<Record<string, string>> = { '+': '+', '-': '−' };
