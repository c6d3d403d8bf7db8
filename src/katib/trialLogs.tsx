import type { Pod } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { PodLogs } from '../ui/kubernetes/podLogs';
import type { KatibContext } from './context';
import { isEnded } from './model/facts';
import type { ITrial } from './model/study';
import { isKatibTrial, type TrialObject } from './trialPods';

/** The logs of a trial's pods, live; why there are none where the pods are gone. */
export function TrialLogs(props: {
  context: KatibContext;
  kubernetes: IKubernetes;
  object: TrialObject;
  trial: Pick<ITrial, 'name' | 'state'>;
  pods: readonly Pod[];
  ready: boolean;
}): JSX.Element {
  const { context, kubernetes, object, trial, pods, ready } = props;
  const { trans } = context;
  const kept = !isKatibTrial(object) || object.spec.retainRun === true;
  const none = !isEnded(trial.state)
    ? undefined
    : kept
      ? trans.__('The pods of %1 are gone, and their logs with them.', trial.name)
      : trans.__(
          'The pods of %1 are gone, and their logs with them: Katib deletes the run of a trial that has ended, unless its experiment has “retain: true” in its trial template.',
          trial.name
        );
  return (
    <PodLogs
      trans={trans}
      kubernetes={kubernetes}
      pods={pods}
      name={trial.name}
      none={none}
      ready={ready}
    />
  );
}
