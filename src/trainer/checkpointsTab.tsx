import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon } from '@jupyterlab/ui-components';
import { useEffect, useRef, useState } from 'react';

import { isAborted } from '../client/errors';
import { type ITrainJob, jobs as jobKind } from '../client/kubernetes/kinds';
import { formatBytes, formatExact, formatRelative, localeOf } from '../ui/format';
import { IconButton } from '../ui/iconButton';
import { KeyValue } from '../ui/keyValue';
import { useAccess } from '../ui/kubernetes/access';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { ScrollTable } from '../ui/scrollTable';
import { useNow } from '../ui/text';
import { errorMessage, TextButton, ViewState } from '../ui/viewState';
import {
  checkpointVariables,
  checkpointVolumes,
  type ICheckpointVolume,
  mountedTogether
} from './checkpoints';
import { argsOf } from './commands';
import { CommandIDs, type TrainerContext } from './context';
import { type IFiles, listingJob } from './files';
import type { IJobParts } from './parts';

interface IProps {
  context: TrainerContext;
  kubernetes: IKubernetes;
  job: ITrainJob;
  parts: IJobParts;
}

/** Where a training keeps what survives it: the persistent volumes of its steps, what its code is told of them, and their files on demand. */
export function CheckpointsTab(props: IProps): JSX.Element {
  const { context, job, parts } = props;
  const { trans, commands } = context;
  const volumes = checkpointVolumes(job, parts.runtime);
  const told = checkpointVariables(job, volumes);
  if (volumes.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__(
          'No persistent volume is mounted: what the training writes into its pods is lost with them. Clone the job with a volume for checkpoints to keep it.'
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
      {mountedTogether(volumes).map(same => (
        <Volume {...props} key={`${same[0]!.claim}/${same[0]!.mountPath}`} mounts={same} />
      ))}
      {told.length > 0 && (
        <section>
          <h2>{trans.__('What the code is told')}</h2>
          <KeyValue
            label={trans.__('What the code is told')}
            rows={told.map(({ name, value, at }) => ({
              key:
                at?.of === 'command'
                  ? trans.__('Part %1 of the command', at.place)
                  : at
                    ? trans.__('Argument %1', at.place)
                    : name,
              value
            }))}
          />
        </section>
      )}
    </div>
  );
}

/** One claim at one path, and the steps that have it there. */
function Volume(props: IProps & { mounts: readonly ICheckpointVolume[] }): JSX.Element {
  const { context, kubernetes, job, parts, mounts } = props;
  const { trans } = context;
  const [first] = mounts;
  const { claim, mountPath, subPath, readOnly, own } = first!;
  const { namespace } = job.metadata ?? {};
  const [work, setWork] = useState<{ files?: IFiles; error?: unknown; wait?: string }>({});
  const [abort, setAbort] = useState<AbortController>();
  const running = useRef<AbortController>();
  const access = useAccess(kubernetes.client, { verb: 'create', kind: jobKind, namespace }, trans);
  useEffect(() => () => running.current?.abort(), []);
  const listing = listingJob(job, first!, parts);
  const reason =
    access?.allowed === false
      ? access.reason
      : listing
        ? undefined
        : trans.__('The image of the training is not known, so nothing can look into the volume.');

  const list = async () => {
    const controller = new AbortController();
    running.current = controller;
    setAbort(controller);
    setWork({ files: work.files });
    try {
      const { listFiles } = await import('./listFiles');
      const onWait = (wait?: string) => setWork(({ files }) => ({ files, wait }));
      setWork({ files: await listFiles(kubernetes, listing!, controller.signal, onWait) });
    } catch (error) {
      setWork(({ files }) => ({ files, ...(isAborted(error) ? {} : { error }) }));
    } finally {
      setAbort(undefined);
    }
  };
  return (
    <section aria-label={trans.__('Volume claim %1', claim)}>
      <h2>{trans.__('Volume claim %1', claim)}</h2>
      <KeyValue
        label={trans.__('Volume claim %1', claim)}
        words
        rows={[
          {
            key: trans.__('Path'),
            value: mountPath,
            node: (
              <span className="jp-Kubeflow-copyable">
                <code>{mountPath}</code>
                <IconButton
                  icon={copyIcon}
                  label={trans.__('Copy path')}
                  onClick={() => Clipboard.copyToSystem(mountPath)}
                />
              </span>
            )
          },
          ...(subPath ? [{ key: trans.__('Folder of the volume'), value: subPath }] : []),
          { key: trans.__('In'), value: [...new Set(mounts.map(each => each.step))].join(', ') },
          {
            key: trans.__('Kept'),
            value: readOnly
              ? trans.__('read-only: the training cannot write there')
              : own
                ? trans.__('over suspension and deletion of the job')
                : trans.__('by the runtime, over suspension and deletion of the job')
          }
        ]}
      />
      <div className="jp-Kubeflow-actions">
        {abort ? (
          <TextButton onClick={() => abort.abort()}>{trans.__('Cancel')}</TextButton>
        ) : (
          <TextButton reason={reason} onClick={() => void list()}>
            {work.files ? trans.__('List files again') : trans.__('List files')}
          </TextButton>
        )}
        <span className="jp-Kubeflow-quiet" role="status">
          {abort
            ? (work.wait ?? trans.__('A short pod looks into the volume…'))
            : work.error != null
              ? errorMessage(work.error)
              : work.files
                ? ''
                : trans.__('Starts a short pod with the training’s image that reads the volume.')}
        </span>
      </div>
      {work.files && <Files context={context} found={work.files} />}
    </section>
  );
}

function Files(props: { context: TrainerContext; found: IFiles }): JSX.Element {
  const { trans } = props.context;
  const { files, more } = props.found;
  const now = useNow(10_000);
  const locale = localeOf(trans);
  if (files.length === 0) {
    return <p>{trans.__('The volume is empty: no checkpoint was written yet.')}</p>;
  }
  const sum = files.reduce((bytes, file) => bytes + file.size, 0);
  return (
    <>
      <ScrollTable
        label={trans.__('Files, newest first')}
        columns={[trans.__('File'), trans.__('Size'), trans.__('Written')]}
        short
      >
        <tbody>
          {files.map(({ path, size, modified }) => {
            const at = new Date(modified).toISOString();
            return (
              <tr key={path}>
                <td>{path}</td>
                <td className="jp-mod-number" title={trans.__('%1 bytes', size.toLocaleString())}>
                  {formatBytes(size)}
                </td>
                <td className="jp-mod-number" title={formatExact(at, locale)}>
                  {formatRelative(at, now, locale)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </ScrollTable>
      <p className="jp-Kubeflow-quiet">
        {more > 0
          ? trans.__(
              '%1 files, %2; %3 more are not listed.',
              files.length.toLocaleString(),
              formatBytes(sum),
              more.toLocaleString()
            )
          : trans._n('%1 file, %2', '%1 files, %2', files.length, formatBytes(sum))}
      </p>
    </>
  );
}
