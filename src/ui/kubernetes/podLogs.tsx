import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import { useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import type { Pod } from '../../client/kubernetes/kinds';
import { LogView } from '../logView';
import { saveAs } from '../saveAs';
import { VisibleContext } from '../text';
import { errorMessage, ViewState } from '../viewState';
import type { IKubernetes } from './connection';
import { logFile } from './logFile';
import { containersOf, defaultContainer, type ILogChoice, logSources } from './podContainers';
import { LABEL_END, type LogRange, PodLogModel } from './podLogModel';

/** How many logs are followed at the same time: all streams of the page share one socket. */
const MOST = 50;
/** How many colours labels have; a label also stands in words, so colours may come again. */
const COLOURS = 6;

/** The parts of the logs that can be chosen, by the value of their option. */
const RANGES: Readonly<Record<string, LogRange>> = {
  '1000': { tailLines: 1000 },
  '10000': { tailLines: 10_000 },
  all: {},
  '5m': { sinceSeconds: 300 },
  '1h': { sinceSeconds: 3600 }
};

/** The logs of pods: of one container, or of many merged by time, each line with the part that its pod is, or the pod's name. */
export function PodLogs(props: {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  /** Live; pods that are gone stay as long as they are given. */
  pods: readonly Pod[];
  /** The pod to begin with; all when left out. */
  pod?: string;
  /** Whose logs these are; the name of the file. */
  name: string;
  /** Whether `pods` is complete, so that none means that there is none. */
  ready: boolean;
  /** What is said where there are no pods; that they are yet to come when left out. */
  none?: string;
  /** What lines of a pod begin with, where there are several; a part of its name when left out or undefined. */
  labelOf?: (pod: Pod) => string | undefined;
}): JSX.Element {
  const { trans, kubernetes, pods, name, labelOf } = props;
  const [chosen, setChosen] = useState<Partial<ILogChoice>>({ pod: props.pod });
  const [range, setRange] = useState('1000');
  const pod = pods.some(each => each.metadata?.name === chosen.pod) ? (chosen.pod ?? '') : '';
  const ofPods = useMemo(
    () => pods.filter(each => !pod || each.metadata?.name === pod),
    [pods, pod]
  );
  const containers = containersOf(ofPods);
  const container =
    chosen.container !== undefined && ['', ...containers].includes(chosen.container)
      ? chosen.container
      : defaultContainer(ofPods);
  const previous = chosen.previous ?? false;
  const { sources, waiting, restarted } = useMemo(
    () => logSources(ofPods, { pod, container, previous }, ofPods.length > 1, labelOf),
    [ofPods, pod, container, previous]
  );

  if (pods.length === 0) {
    return props.ready ? (
      <ViewState
        kind="empty"
        trans={trans}
        message={props.none ?? trans.__('%1 has no pods yet. Their logs appear here.', name)}
      />
    ) : (
      <></>
    );
  }
  return (
    <div className="jp-Kubeflow-logs">
      <div className="jp-Kubeflow-choosers">
        {pods.length > 1 && (
          <Chooser
            label={trans.__('Pod')}
            value={pod}
            options={[
              { value: '', label: trans.__('All %1 pods', pods.length) },
              ...pods.map(({ metadata }) => ({
                value: metadata?.name ?? '',
                label: metadata?.name ?? ''
              }))
            ]}
            onChange={value => setChosen({ ...chosen, pod: value, container: undefined })}
          />
        )}
        {containers.length > 1 && (
          <Chooser
            label={trans.__('Container')}
            value={container}
            options={[
              { value: '', label: trans.__('All containers') },
              ...containers.map(value => ({ value, label: value }))
            ]}
            onChange={value => setChosen({ ...chosen, container: value })}
          />
        )}
        <Chooser
          label={trans.__('From')}
          value={range}
          options={[
            { value: '1000', label: trans.__('last 1,000 lines') },
            { value: '10000', label: trans.__('last 10,000 lines') },
            { value: '5m', label: trans.__('last 5 minutes') },
            { value: '1h', label: trans.__('last hour') },
            { value: 'all', label: trans.__('the beginning') }
          ]}
          onChange={setRange}
        />
        {(restarted || previous) && (
          <label
            className="jp-Kubeflow-check"
            title={trans.__('Of the run before the last restart')}
          >
            <input
              type="checkbox"
              checked={previous}
              onChange={() => setChosen({ ...chosen, previous: !previous })}
            />
            {trans.__('Previous run')}
          </label>
        )}
      </div>
      <Reading
        key={JSON.stringify([pod, container, previous, range])}
        trans={trans}
        kubernetes={kubernetes}
        name={pod || name}
        sources={sources}
        waiting={waiting}
        range={RANGES[range] ?? {}}
      />
    </div>
  );
}

function Chooser(props: {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label className="jp-Kubeflow-chooser">
      {props.label}
      <HTMLSelect
        className="jp-Kubeflow-select"
        value={props.value}
        options={props.options}
        onChange={event => props.onChange(event.currentTarget.value)}
      />
    </label>
  );
}

function Reading(props: {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  name: string;
  sources: ReturnType<typeof logSources>['sources'];
  waiting: ReturnType<typeof logSources>['waiting'];
  range: LogRange;
}): JSX.Element {
  const { trans, kubernetes, name, waiting } = props;
  const visible = useContext(VisibleContext);
  const sources = useMemo(() => props.sources.slice(0, MOST), [props.sources]);
  const model = useMemo(
    () => new PodLogModel(kubernetes.client, props.range),
    // The part that is chosen is in the key of the component.
    [kubernetes]
  );
  const state = useSyncExternalStore(model.subscribe, model.snapshot);
  useEffect(() => model.setSources(sources), [model, sources]);
  useEffect(() => {
    model.setVisible(visible);
    return () => model.setVisible(false);
  }, [model, visible]);

  const left = props.sources.length - sources.length;
  const words = [
    ...(left > 0
      ? [
          trans.__(
            'The logs of %1 of %2 containers are merged here. Choose a pod for the others.',
            sources.length,
            props.sources.length
          )
        ]
      : []),
    ...waitingWords(waiting, trans),
    ...[...state.failures].map(([label, error]) =>
      trans.__('The log of %1 cannot be read. %2', label, errorMessage(error))
    ),
    ...(state.trouble
      ? [trans.__('Offline, trying again by itself. %1', errorMessage(state.trouble))]
      : state.following > 0 && sources.some(each => !each.ended && !each.previous)
        ? [trans.__('Following…')]
        : [])
  ];
  if (sources.length === 0 && state.version === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={waitingWords(waiting, trans)[0] ?? trans.__('There is no log of a previous run.')}
      />
    );
  }
  if (state.version === 0 && state.ended >= sources.length && state.failures.size === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('%1 has written nothing to its log.', name)}
      />
    );
  }
  const download = () => {
    const fetched = logFile(kubernetes.client, props.sources).then(file => {
      saveAs(file, `${name}.log`);
      return file.size;
    });
    Notification.promise(fetched, {
      pending: { message: trans.__('The log of %1 is being fetched…', name) },
      success: { message: () => trans.__('The log of %1 was fetched.', name) },
      error: { message: errorMessage, options: { autoClose: false } }
    });
  };
  return (
    <LogView
      trans={trans}
      buffer={state.buffer}
      version={state.version}
      label={trans.__('Log of %1', name)}
      onDownload={download}
      labels={{
        labelEnd: LABEL_END,
        className: label => `jp-Kubeflow-log-label jp-mod-hue${hueOf(label, sources)}`,
        title: label => {
          const source = sources.find(each => each.label === label);
          return source ? `${source.pod.name}/${source.container}` : label;
        }
      }}
      status={words.length > 0 ? words.join(' ') : undefined}
    />
  );
}

/** A colour for a label: neighbours differ. */
function hueOf(label: string, sources: readonly { label: string }[]): number {
  return (
    Math.max(
      0,
      sources.findIndex(each => each.label === label)
    ) % COLOURS
  );
}

/** For whom is waited and why, in one sentence; none when for nobody. */
function waitingWords(
  waiting: readonly { label: string; reason?: string }[],
  trans: TranslationBundle
): string[] {
  if (waiting.length === 0) {
    return [];
  }
  const names = waiting
    .slice(0, 3)
    .map(({ label, reason }) => (reason ? `${label} (${reason})` : label))
    .join(', ');
  const more = waiting.length - 3;
  return [
    more > 0
      ? trans.__('Waiting for %1 and %2 more to start.', names, more)
      : trans.__('Waiting for %1 to start.', names)
  ];
}
