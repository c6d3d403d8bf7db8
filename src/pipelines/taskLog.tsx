import { Notification } from '@jupyterlab/apputils';
import { useContext, useEffect, useRef, useState } from 'react';

import type { IRun } from '../client/pipelines';
import type { ITask } from '../graph/tasks';
import { LOG_TAIL, LogBuffer } from '../ui/logBuffer';
import { LogView } from '../ui/logView';
import { saveAs } from '../ui/saveAs';
import { isFinal } from '../ui/state';
import { VisibleContext } from '../ui/text';
import { errorKind, errorMessage, TextButton, ViewState } from '../ui/viewState';
import type { PipelinesContext } from './context';

/** Milliseconds that new text is gathered before it is drawn. */
const GATHER = 100;

interface IReading {
  buffer: LogBuffer;
  version: number;
  status: 'following' | 'offline' | 'ended' | 'failed';
  error?: unknown;
}

/** A task's log as it is read: it follows while the task goes on, tries again while offline, and rests while the view is hidden. */
function useTaskLog(context: PipelinesContext, run: IRun, task: ITask) {
  const visible = useContext(VisibleContext);
  const [turn, setTurn] = useState(0);
  const [reading, setReading] = useState<IReading>(() => ({
    buffer: new LogBuffer(),
    version: 0,
    status: 'following'
  }));
  const started = !['pending', 'skipped', 'cached'].includes(task.state);
  /** When the attempt ended whose log was read; a task that is retried gets another end. */
  const readEnd = useRef<string | undefined>();
  const complete =
    reading.status === 'ended' &&
    isFinal(task.state) &&
    (readEnd.current ?? task.endTime) === task.endTime;

  useEffect(() => {
    if (complete) {
      readEnd.current = task.endTime;
    }
    if (!visible || !started || complete) {
      return;
    }
    readEnd.current = undefined;
    setReading(last => ({ ...last, status: 'following' }));
    const abort = new AbortController();
    const buffer = new LogBuffer();
    let timer: number | undefined;
    const draw = (status: IReading['status'], error?: unknown) => {
      window.clearTimeout(timer);
      timer = undefined;
      if (!abort.signal.aborted) {
        const { version } = buffer;
        // What was read before stays until the new reading has something to show.
        setReading(last =>
          version === 0 && status !== 'ended'
            ? { ...last, status, error }
            : { buffer, version, status, error }
        );
      }
    };
    const follow = async () => {
      try {
        const onTrouble = (error: unknown) => draw(error ? 'offline' : 'following', error);
        const options = {
          follow: true,
          tail: LOG_TAIL,
          signal: abort.signal,
          onSkipped: (bytes: number) => buffer.skip(bytes),
          onTrouble
        };
        for await (const chunk of context.client.taskLog(run, task, options)) {
          buffer.append(chunk);
          timer ??= window.setTimeout(() => draw('following'), GATHER);
        }
        draw('ended');
      } catch (error) {
        draw('failed', error);
      }
    };
    void follow();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
    // A run and its tasks are new objects at each read; the log is the same one while their ids are.
  }, [context, run.id, task.id, started, visible, complete, turn]);

  return { reading, started, retry: () => setTurn(turn + 1) };
}

/** The log of one task. Give it the task's id as key. */
export function TaskLog(props: { context: PipelinesContext; run: IRun; task: ITask }): JSX.Element {
  const { context, run, task } = props;
  const { trans } = context;
  const { reading, started, retry } = useTaskLog(context, run, task);
  const { buffer, version, status, error } = reading;

  if (!started) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={
          task.state === 'skipped'
            ? trans.__('%1 was skipped, so it has no log.', task.displayName)
            : task.state === 'cached'
              ? trans.__('%1 was taken from an earlier run, so it has no log.', task.displayName)
              : isFinal(run.state)
                ? trans.__('%1 did not start, so it has no log.', task.displayName)
                : trans.__('%1 has not started yet. Its log appears here.', task.displayName)
        }
      />
    );
  }
  if (buffer.lines.length === 0 && status === 'ended') {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('%1 has written nothing to its log.', task.displayName)}
      />
    );
  }
  if (buffer.lines.length === 0 && (status === 'failed' || status === 'offline')) {
    return (
      <ViewState
        kind={errorKind(error)}
        trans={trans}
        error={error}
        action={{ label: trans.__('Retry now'), run: retry }}
      />
    );
  }
  const download = () => {
    const fetched = context.client.taskLogFile(run, task).then(file => {
      saveAs(file, `${run.name}-${task.displayName}.log`);
      return file.size;
    });
    Notification.promise(fetched, {
      pending: { message: trans.__('The log of %1 is being fetched…', task.displayName) },
      success: { message: () => trans.__('The log of %1 was fetched.', task.displayName) },
      error: { message: errorMessage, options: { autoClose: false } }
    });
  };
  return (
    <LogView
      trans={trans}
      buffer={buffer}
      version={version}
      label={trans.__('Log of %1', task.displayName)}
      onDownload={download}
      status={
        status === 'failed' ? (
          <>
            {trans.__('The log broke off. %1', errorMessage(error))}{' '}
            <TextButton onClick={retry}>{trans.__('Retry now')}</TextButton>
          </>
        ) : status === 'offline' ? (
          <>
            {trans.__('Offline, trying again by itself. %1', errorMessage(error))}{' '}
            <TextButton onClick={retry}>{trans.__('Retry now')}</TextButton>
          </>
        ) : status === 'following' && !isFinal(task.state) ? (
          trans.__('Following…')
        ) : undefined
      }
    />
  );
}
