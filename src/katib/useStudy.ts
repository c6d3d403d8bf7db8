/** What belongs to one tuning experiment, live. */
import { useDeferredValue, useMemo } from 'react';

import {
  type ISuggestion,
  suggestions as suggestionKind,
  trainJobs,
  trials as trialKind
} from '../client/kubernetes/kinds';
import type { IKubernetesObject } from '../client/kubernetes/object';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { useList } from '../ui/kubernetes/useList';
import type { ILiveState } from '../ui/live';
import { isExperiment, type StudyObject } from './kinds';
import { EXPERIMENT_LABEL, studyOfExperiment } from './model/experiment';
import { isTrialOf, studyOfOptimizationJob } from './model/optimizationJob';
import type { IStudy } from './model/study';

/** An experiment with its trials. */
export interface IStudyParts {
  study: IStudy;
  /** How current the trials are, and why they cannot be read. */
  trials: ILiveState<unknown>;
  /** Reads the trials again. */
  retry: () => void;
  suggestion?: ISuggestion;
  /** The objects of trials and suggestion. */
  owned: readonly IKubernetesObject[];
}

const NONE: readonly never[] = [];

/** The parts of an experiment; what the user may not list is as if it were not there, and `trials.error` says so. */
export function useStudy({ lists }: IKubernetes, object: StudyObject): IStudyParts {
  const { name = '', namespace } = object.metadata ?? {};
  const katib = isExperiment(object);
  const trialList = katib
    ? lists.list(trialKind, { namespace, labelSelector: `${EXPERIMENT_LABEL}=${name}` })
    : undefined;
  // Nothing that is documented labels the TrainJobs of an OptimizationJob: they are known by their owner.
  const jobList = katib ? undefined : lists.list(trainJobs, { namespace });
  // Many trials are read and drawn in pieces, after what is urgent, such as a key that is pressed.
  const trials = useDeferredValue(useList(trialList));
  const jobs = useDeferredValue(useList(jobList));
  const suggestions = useList(
    katib
      ? lists.list(suggestionKind, { namespace, fieldSelector: `metadata.name=${name}` })
      : undefined
  ).data;
  return useMemo(() => {
    const suggestion = suggestions?.[0];
    if (isExperiment(object)) {
      const own = trials.data ?? NONE;
      return {
        study: studyOfExperiment(object, own, suggestion),
        trials,
        retry: () => trialList?.retry(),
        owned: [...(suggestion ? [suggestion] : []), ...own],
        ...(suggestion && { suggestion })
      };
    }
    const own = (jobs.data ?? NONE).filter(job => isTrialOf(job, object));
    return {
      study: studyOfOptimizationJob(object, own),
      trials: jobs,
      retry: () => jobList?.retry(),
      owned: own
    };
  }, [object, trials, jobs, suggestions, trialList, jobList]);
}
