import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon } from '@jupyterlab/ui-components';

import type { IArtifact } from '../client/registry';
import { formatBytes, formatNumber } from '../ui/format';
import { IconButton } from '../ui/iconButton';
import { KeyValue } from '../ui/keyValue';
import { ScrollTable } from '../ui/scrollTable';
import type { RegistryContext } from './context';
import { propertiesOf } from './model/properties';
import { modelArtifactOf } from './model/source';

/** What a version is made of: its model's files first, then its metrics, parameters, data sets and documents. */
export function Artifacts(props: {
  context: RegistryContext;
  artifacts: readonly IArtifact[];
}): JSX.Element {
  const { context, artifacts } = props;
  const { trans } = context;
  const model = modelArtifactOf(artifacts);
  const others = artifacts.filter(each => each !== model);
  return (
    <>
      <section>
        <h2>{trans.__('Model')}</h2>
        {model ? (
          <KeyValue
            label={trans.__('Model')}
            rows={[
              ...(model.modelFormatName
                ? [
                    {
                      key: trans.__('Format'),
                      value: [model.modelFormatName, model.modelFormatVersion]
                        .filter(Boolean)
                        .join(' ')
                    }
                  ]
                : []),
              ...(model.uri
                ? [
                    {
                      key: trans.__('Storage URI'),
                      value: model.uri,
                      node: <Copied text={model.uri} label={trans.__('Copy URI')} />
                    }
                  ]
                : []),
              ...(model.storageKey
                ? [{ key: trans.__('Storage key'), value: model.storageKey }]
                : []),
              ...(model.storagePath
                ? [{ key: trans.__('Storage path'), value: model.storagePath }]
                : []),
              ...propertiesOf(model.customProperties).map(({ name, text, number }) => ({
                key: name,
                value: number ?? text,
                exact: text,
                ...(name === 'size' && number !== undefined && { value: formatBytes(number) })
              }))
            ]}
          />
        ) : (
          <p className="jp-Kubeflow-quiet">{trans.__('This version has no files.')}</p>
        )}
      </section>
      {others.length > 0 && (
        <section>
          <h2>{trans.__('Other artifacts')}</h2>
          <ScrollTable
            label={trans.__('Other artifacts')}
            columns={[trans.__('Name'), trans.__('Type'), trans.__('Value or address')]}
          >
            <tbody>
              {others.map(artifact => (
                <tr key={artifact.id}>
                  <td>
                    <bdi>{artifact.name ?? artifact.id}</bdi>
                  </td>
                  <td>{typeWords(artifact, trans)}</td>
                  <td title={exactOf(artifact)}>
                    <bdi>{valueOf(artifact)}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </ScrollTable>
        </section>
      )}
    </>
  );
}

function Copied(props: { text: string; label: string }): JSX.Element {
  return (
    <span className="jp-Kubeflow-copied">
      <bdi>{props.text}</bdi>
      <IconButton
        icon={copyIcon}
        label={props.label}
        onClick={() => Clipboard.copyToSystem(props.text)}
      />
    </span>
  );
}

function typeWords({ artifactType }: IArtifact, trans: RegistryContext['trans']): string {
  return {
    'model-artifact': trans.__('model'),
    'doc-artifact': trans.__('document'),
    'dataset-artifact': trans.__('data set'),
    metric: trans.__('metric'),
    parameter: trans.__('parameter')
  }[artifactType];
}

function exactOf(artifact: IArtifact): string | undefined {
  const value =
    artifact.artifactType === 'metric' || artifact.artifactType === 'parameter'
      ? artifact.value
      : artifact.uri;
  return value === undefined ? undefined : String(value);
}

function valueOf(artifact: IArtifact): string {
  return artifact.artifactType === 'metric' && artifact.value !== undefined
    ? formatNumber(artifact.value)
    : (exactOf(artifact) ?? '');
}
