import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useId, useMemo } from 'react';

import { isForbidden } from '../../client/errors';
import type { IAccess } from '../../client/kubernetes/access';
import {
  clusterTrainingRuntimes,
  type IClusterTrainingRuntime,
  type ITrainingRuntime,
  trainingRuntimes
} from '../../client/kubernetes/kinds';
import type { IKubernetes } from './connection';
import { forbiddenWords, problemOf } from './problem';
import { useList } from './useList';
import { Name } from '../text';
import { errorMessage, Skeleton, TextButton, ViewState } from '../viewState';
import { firstRuntime, type IRuntime, runtimeOf, sortRuntimes } from './runtimes';

/** The runtimes that a job can be made of, and how current they are. */
export interface IRuntimes {
  /** Undefined until they are read. */
  all: readonly IRuntime[] | undefined;
  /** Why those of the cluster, or of the namespace, cannot be read. */
  errors: { cluster?: unknown; namespace?: unknown };
  retry: () => void;
}

/** The runtimes of a namespace and of the cluster, live. */
export function useRuntimes(kubernetes: IKubernetes, namespace: string): IRuntimes {
  const own = useMemo(
    () => kubernetes.lists.list<ITrainingRuntime>(trainingRuntimes, { namespace }),
    [kubernetes, namespace]
  );
  const shared = useMemo(
    () => kubernetes.lists.list<IClusterTrainingRuntime>(clusterTrainingRuntimes, {}),
    [kubernetes]
  );
  const ownState = useList(own);
  const sharedState = useList(shared);
  const settled =
    (ownState.data !== undefined || ownState.error != null) &&
    (sharedState.data !== undefined || sharedState.error != null);
  const all = useMemo(
    () =>
      settled
        ? sortRuntimes([
            ...(ownState.data ?? []).map(each => runtimeOf('TrainingRuntime', each)),
            ...(sharedState.data ?? []).map(each => runtimeOf('ClusterTrainingRuntime', each))
          ])
        : undefined,
    [settled, ownState.data, sharedState.data]
  );
  return {
    all,
    errors: {
      namespace: ownState.error ?? undefined,
      cluster: sharedState.error ?? undefined
    },
    retry: () => {
      own.retry();
      shared.retry();
    }
  };
}

/** Lets a person choose a runtime from those that there are, or name one where they cannot be listed. */
export function RuntimePicker(props: {
  runtimes: IRuntimes;
  chosen: Pick<IRuntime, 'kind' | 'name'>;
  onChoose: (runtime: IRuntime) => void;
  onName: (name: string) => void;
  error?: string;
  namespace: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { runtimes, chosen, trans, error } = props;
  const id = useId();
  const { all, errors } = runtimes;
  const failed = errors.cluster !== undefined && errors.namespace !== undefined;
  const first = all && firstRuntime(all);
  useEffect(() => {
    if (first && chosen.name === '') {
      props.onChoose(first);
    }
  }, [first]);
  if (!all) {
    return <Skeleton trans={trans} rows={3} />;
  }
  const access: IAccess = { verb: 'list', kind: trainingRuntimes, namespace: props.namespace };
  const { absent, isAbsent } = problemOf(access, errors.cluster, trans);
  if (failed && isAbsent) {
    return (
      <ViewState
        kind="absent"
        trans={trans}
        error={errors.cluster}
        {...absent}
        action={{ label: trans.__('Retry now'), run: runtimes.retry }}
      />
    );
  }
  const selected = (each: IRuntime) => each.kind === chosen.kind && each.name === chosen.name;
  const unknown = chosen.name !== '' && !all.some(selected);
  return (
    <>
      {Object.entries(errors).map(
        ([scope, problem]) =>
          problem !== undefined && (
            <Unreadable key={scope} {...props} cluster={scope === 'cluster'} problem={problem} />
          )
      )}
      {all.length === 0 && !failed && (
        <ViewState
          kind="empty"
          trans={trans}
          message={trans.__(
            'There are no training runtimes yet. They come with Kubeflow Trainer’s installation, or somebody makes a TrainingRuntime.'
          )}
          link={absent.link}
        />
      )}
      <div
        role="radiogroup"
        aria-label={trans.__('Runtime')}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        className="jp-Kubeflow-Create-runtimes"
      >
        {all.map(each => (
          <label key={`${each.kind}/${each.name}`} className="jp-Kubeflow-Create-runtime">
            <input
              type="radio"
              name={id}
              checked={selected(each)}
              onChange={() => props.onChoose(each)}
            />
            <span className="jp-Kubeflow-Create-runtimeName">
              <Name text={each.name} />
              {each.framework && <span className="jp-Kubeflow-Create-tag">{each.framework}</span>}
              {each.kind === 'TrainingRuntime' && (
                <span className="jp-Kubeflow-Create-tag">{trans.__('of this namespace')}</span>
              )}
            </span>
            <span className="jp-Kubeflow-Form-hint">{runtimeWords(each, trans)}</span>
          </label>
        ))}
      </div>
      {(unknown || all.length === 0) && (
        <input
          className="jp-mod-styled jp-Kubeflow-Form-text"
          type="text"
          aria-label={trans.__('Name of the runtime')}
          placeholder={trans.__('Name of the runtime')}
          value={chosen.name}
          onChange={event => props.onName(event.currentTarget.value)}
        />
      )}
      {unknown && !failed && (
        <div className="jp-Kubeflow-Form-hint">
          {trans.__('%1 is not among those that are listed.', chosen.name)}
        </div>
      )}
      {error && (
        <div className="jp-Kubeflow-Form-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      )}
    </>
  );
}

/** Nodes, processes, what a node asks for, and the image. */
function runtimeWords(runtime: IRuntime, trans: TranslationBundle): string {
  const { nodes, processes, image, asks } = runtime;
  return [
    trans._n('%1 node', '%1 nodes', nodes),
    processes !== undefined && trans._n('%1 process each', '%1 processes each', processes),
    ...asks,
    image
  ]
    .filter(Boolean)
    .join(' · ');
}

function Unreadable(props: {
  cluster: boolean;
  problem: unknown;
  namespace: string;
  runtimes: IRuntimes;
  trans: TranslationBundle;
}): JSX.Element {
  const { cluster, problem, namespace, trans } = props;
  const kind = cluster ? clusterTrainingRuntimes : trainingRuntimes;
  const access: IAccess = { verb: 'list', kind, namespace: cluster ? undefined : namespace };
  const words = isForbidden(problem)
    ? forbiddenWords(access, problem, trans)
    : errorMessage(problem);
  return (
    <div className="jp-Kubeflow-notice" role="status">
      <p>{words}</p>
      <TextButton onClick={props.runtimes.retry}>{trans.__('Retry now')}</TextButton>
    </div>
  );
}
