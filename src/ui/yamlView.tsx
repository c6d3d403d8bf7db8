import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo } from 'react';
import { stringify } from 'yaml';

import { saveAs } from './saveAs';
import { TextButton } from './viewState';

/** An object as YAML, read-only, to copy or download. */
export function YamlView(props: {
  trans: TranslationBundle;
  value: Record<string, unknown>;
  /** Of the file that is downloaded, without `.yaml`. */
  name: string;
}): JSX.Element {
  const { trans, value, name } = props;
  const text = useMemo(() => stringify(value, { lineWidth: 0 }), [value]);
  return (
    <div className="jp-Kubeflow-yaml">
      <div className="jp-Kubeflow-yaml-toolbar">
        <TextButton onClick={() => Clipboard.copyToSystem(text)}>{trans.__('Copy')}</TextButton>
        <TextButton onClick={() => saveAs(new Blob([text]), `${name}.yaml`)}>
          {trans.__('Download')}
        </TextButton>
      </div>
      <pre tabIndex={0} aria-label={trans.__('YAML of %1', name)}>
        {text}
      </pre>
    </div>
  );
}
