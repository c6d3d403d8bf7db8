import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon } from '@jupyterlab/ui-components';

import type { ITrainJob } from '../client/kubernetes/kinds';
import { IconButton } from '../ui/iconButton';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { ViewState } from '../ui/viewState';
import { checkpointVariables, checkpointVolumes, type ICheckpointVolume } from './checkpoints';
import { CommandIDs, type TrainerContext } from './context';
import { argsOf } from './commands';
import type { IJobParts } from './parts';

/** Where a training keeps what survives it: the persistent volumes of its steps, and what its code is told of them. */
export function CheckpointsTab(props: {
  context: TrainerContext;
  kubernetes: IKubernetes;
  job: ITrainJob;
  parts: IJobParts;
}): JSX.Element {
  const { context, job, parts } = props;
  const { trans, commands } = context;
  const volumes = checkpointVolumes(job, parts.runtime);
  if (volumes.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__(
          'No persistent volume is mounted, so what the training writes is lost with its pods. Clone the job with a volume for checkpoints to keep it.'
        )}
        action={{
          label: trans.__('Clone training job…'),
          run: () => void commands.execute(CommandIDs.cloneJob, argsOf(job))
        }}
      />
    );
  }
  return (
    <div className="jp-Kubeflow-overview">
      {volumes.map(volume => (
        <Volume
          key={`${volume.step}/${volume.container}/${volume.mountPath}`}
          context={context}
          volume={volume}
        />
      ))}
      {checkpointVariables(job, volumes).length > 0 && (
        <section>
          <h2>{trans.__('What the code is told')}</h2>
        </section>
      )}
    </div>
  );
}

function Volume(props: { context: TrainerContext; volume: ICheckpointVolume }): JSX.Element {
  const { trans } = props.context;
  const { claim, mountPath } = props.volume;
  return (
    <section>
      <h2>{trans.__('Volume claim %1', claim)}</h2>
      <p>
        <code>{mountPath}</code>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy path')}
          onClick={() => Clipboard.copyToSystem(mountPath)}
        />
      </p>
    </section>
  );
}
