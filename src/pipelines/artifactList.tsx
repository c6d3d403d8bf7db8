import { Notification } from '@jupyterlab/apputils';
import { notebookIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { IRun } from '../client/pipelines';
import { artifactIcon } from '../ui/icons';
import { KeyValue } from '../ui/keyValue';
import { canRegister, registerModel } from '../ui/registering';
import { saveAs } from '../ui/saveAs';
import { Name } from '../ui/text';
import { errorMessage, TextButton } from '../ui/viewState';
import {
  artifactLabel,
  artifactView,
  isModel,
  type ITaskOutput,
  metricRows,
  modelSeed,
  notebookPath
} from './artifacts';
import { ArtifactPreview } from './artifactPreview';
import { CommandIDs, type PipelinesContext } from './context';

/** Artifacts with what can be done with each: open, preview, download. */
export function ArtifactList(props: {
  context: PipelinesContext;
  run: IRun;
  outputs: readonly ITaskOutput[];
}): JSX.Element {
  return (
    <ul className="jp-Kubeflow-artifacts">
      {props.outputs.map(output => (
        <Artifact
          key={`${output.task.id}/${output.artifact.key}/${output.artifact.uri ?? ''}`}
          context={props.context}
          run={props.run}
          output={output}
        />
      ))}
    </ul>
  );
}

function Artifact(props: {
  context: PipelinesContext;
  run: IRun;
  output: ITaskOutput;
}): JSX.Element {
  const { context, run, output } = props;
  const { trans, client, commands } = context;
  const { artifact, task } = output;
  const [open, setOpen] = useState(false);
  const view = artifactView(artifact);
  const label = artifactLabel(artifact);
  const Icon = view === 'notebook' ? notebookIcon : artifactIcon;

  const download = async (uri: string) => {
    try {
      const response = await client.artifactContent(uri);
      saveAs(await response.blob(), label);
    } catch (error) {
      Notification.error(trans.__('%1 could not be read. %2', label, errorMessage(error)), {
        autoClose: false
      });
    }
  };
  const { uri } = artifact;
  return (
    <li className="jp-Kubeflow-artifact">
      <div className="jp-Kubeflow-artifact-line">
        <Icon.react tag="span" className="jp-Kubeflow-icon" width="16px" height="16px" />
        <Name text={label} />
        <span className="jp-Kubeflow-artifact-type" title={uri}>
          {trans.__('%1 from %2', artifact.type.replace(/^system\./, ''), task.displayName)}
        </span>
        {uri && view === 'notebook' && (
          <TextButton
            onClick={() =>
              void commands.execute(CommandIDs.openNotebook, {
                runId: run.id,
                path: notebookPath(run.id, output)
              })
            }
          >
            {trans.__('Open')}
          </TextButton>
        )}
        {uri && view !== 'notebook' && view !== 'metrics' && (
          <TextButton onClick={() => setOpen(!open)}>
            {open ? trans.__('Close') : trans.__('Preview')}
          </TextButton>
        )}
        {uri && <TextButton onClick={() => void download(uri)}>{trans.__('Download')}</TextButton>}
        {uri && isModel(artifact) && canRegister(context) && (
          <TextButton
            onClick={() =>
              void registerModel(
                commands,
                modelSeed(run, artifact, context.connection.state?.namespace)
              )
            }
          >
            {trans.__('Register model…')}
          </TextButton>
        )}
      </div>
      {view === 'metrics' && <KeyValue label={label} rows={metricRows(artifact)} />}
      {open && uri && <ArtifactPreview context={context} uri={uri} label={label} view={view} />}
    </li>
  );
}
