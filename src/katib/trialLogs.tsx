import { useContext, useEffect, useState } from 'react';

import type { Pod } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { PodLogs } from '../ui/kubernetes/podLogs';
import { LogBuffer } from '../ui/logBuffer';
import { LogView } from '../ui/logView';
import { saveAs } from '../ui/saveAs';
import { VisibleContext } from '../ui/text';
import { errorKind, Skeleton, ViewState } from '../ui/viewState';
import type { KatibContext } from './context';
import { katibOf } from './katibClient';
import { isEnded } from './model/facts';
import type { ITrial } from './model/study';
import { isKatibTrial, type TrialObject } from './trialPods';

interface ITrialLogsProps {
  context: KatibContext;
  kubernetes: IKubernetes;
  object: TrialObject;
  trial: Pick<ITrial, 'name' | 'state'>;
  pods: readonly Pod[];
  /** Whether the pods are all there are. */
  ready: boolean;
}

/** The logs of a trial's pods, live; where the pods are gone, what Katib's UI still has, or why there is nothing. */
export function TrialLogs(props: ITrialLogsProps): JSX.Element {
  const { context, kubernetes, object, trial, pods, ready } = props;
  const { trans } = context;
  const gone = ready && pods.length === 0 && isEnded(trial.state);
  if (gone && isKatibTrial(object)) {
    return <KeptLog {...props} retained={object.spec.retainRun === true} />;
  }
  return (
    <PodLogs
      trans={trans}
      kubernetes={kubernetes}
      pods={pods}
      name={trial.name}
      none={
        gone
          ? trans.__('The pods of %1 are gone, and their logs with them.', trial.name)
          : undefined
      }
      ready={ready}
    />
  );
}

type Reading =
  | { readonly buffer: LogBuffer; readonly text: string }
  | { readonly reason: string }
  | { readonly error: unknown };

/** The log of a trial whose pods are gone. */
function KeptLog(props: ITrialLogsProps & { retained: boolean }): JSX.Element {
  const { context, object, trial, retained } = props;
  const { trans, kubeflow } = context;
  const katib = katibOf(kubeflow);
  const visible = useContext(VisibleContext);
  const { namespace = '', uid } = object.metadata ?? {};
  const [reading, setReading] = useState<Reading>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!visible || reading) {
      return;
    }
    const abort = new AbortController();
    katib.trialLog(namespace, trial.name, abort.signal).then(
      found => {
        if (found.source === 'none') {
          setReading({ reason: found.reason });
        } else {
          const buffer = new LogBuffer();
          buffer.append(found.text);
          setReading({ buffer, text: found.text });
        }
      },
      (error: unknown) => abort.signal.aborted || setReading({ error })
    );
    return () => abort.abort();
    // It is read once; *Retry now* asks anew.
  }, [katib, namespace, trial.name, uid, visible, turn]);

  if (!reading) {
    return <Skeleton trans={trans} />;
  }
  if ('error' in reading) {
    return (
      <ViewState
        kind={errorKind(reading.error)}
        trans={trans}
        error={reading.error}
        action={{
          label: trans.__('Retry now'),
          run: () => {
            setReading(undefined);
            setTurn(turn + 1);
          }
        }}
      />
    );
  }
  if ('reason' in reading || reading.text === '') {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={
          'text' in reading
            ? trans.__('%1 has written nothing to its log.', trial.name)
            : retained
              ? trans.__('The pods of %1 are gone, and their logs with them.', trial.name)
              : trans.__(
                  'The pods of %1 are gone, and their logs with them: Katib deletes what a trial ran when it has ended, unless its experiment has “retain: true” in its trial template.',
                  trial.name
                )
        }
      />
    );
  }
  return (
    <div className="jp-Kubeflow-logs">
      <LogView
        trans={trans}
        label={trans.__('Log of %1', trial.name)}
        buffer={reading.buffer}
        version={reading.buffer.version}
        status={trans.__('Ended. The pods are gone; this was kept.')}
        onDownload={() =>
          saveAs(new Blob([reading.text], { type: 'text/plain' }), `${trial.name}.log`)
        }
      />
    </div>
  );
}
