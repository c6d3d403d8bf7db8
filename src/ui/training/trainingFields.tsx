/** Fields of forms for what trains. */
import { useEffect } from 'react';

import type { IKubernetesObject } from '../../client/kubernetes/object';
import { useKubernetes } from '../kubernetes/connection';
import { DraftLine, DraftPairs, DraftTexts } from '../kubernetes/form/objectFormView';
import { type IRuntimes, RuntimePicker, useRuntimes } from '../kubernetes/runtimePicker';
import type { IRuntime } from '../kubernetes/runtimes';
import type { IPanelParts } from '../panelContext';
import type { ICodeOrigin, INamedTraining, ITrainingState, TrainingForm } from './trainingForm';

/** What the fields are given. */
export interface ITrainingFieldsProps {
  context: IPanelParts;
  model: Pick<
    TrainingForm<IKubernetesObject, INamedTraining, ICodeOrigin, unknown>,
    'edit' | 'leave' | 'chooseRuntime' | 'knowRuntime'
  >;
  state: ITrainingState<INamedTraining, ICodeOrigin, unknown>;
  namespace: string;
}

/** What a node may ask for beside CPU and memory. */
export const DEVICES = [
  'nvidia.com/gpu',
  'amd.com/gpu',
  'gpu.intel.com/i915',
  'habana.ai/gaudi',
  'google.com/tpu',
  'aws.amazon.com/neuron',
  'huawei.com/Ascend910',
  'ephemeral-storage'
];

/** The runtimes that there are, and of them the one that is chosen, which the form is told. */
export function useChosenRuntime({ context, model, state, namespace }: ITrainingFieldsProps): {
  runtimes: IRuntimes;
  chosen: IRuntime | undefined;
} {
  const runtimes = useRuntimes(useKubernetes(context.kubeflow), namespace);
  const { kind, name } = state.sides.draft.runtime;
  const chosen = runtimes.all?.find(each => each.kind === kind && each.name === name);
  useEffect(() => model.knowRuntime(chosen), [chosen]);
  return { runtimes, chosen };
}

/** The runtime. */
export function RuntimeField(props: ITrainingFieldsProps & { runtimes: IRuntimes }): JSX.Element {
  const { context, model, state, runtimes, namespace } = props;
  const { runtime } = state.sides.draft;
  return (
    <RuntimePicker
      runtimes={runtimes}
      chosen={runtime}
      onChoose={chosen => model.chooseRuntime(chosen)}
      onName={name => model.edit({ runtime: { ...runtime, name } })}
      error={state.problems.fields['runtime']}
      namespace={namespace}
      trans={context.trans}
    />
  );
}

/** The arguments of the code. */
export function ArgumentsField(props: ITrainingFieldsProps & { hint?: string }): JSX.Element {
  const { context, model, state, hint } = props;
  const { trans } = context;
  return (
    <DraftTexts
      field="args"
      label={trans.__('Arguments')}
      hint={hint}
      one={trans.__('Argument')}
      add={trans.__('Add an argument')}
      trans={trans}
      model={model}
      state={state}
    />
  );
}

/** The variables and the image of the nodes. `hidden`: how many variables come from secrets and the like (`hiddenVariables`). */
export function EnvironmentFields(
  props: ITrainingFieldsProps & { hidden: number; chosen: IRuntime | undefined }
): JSX.Element {
  const { context, model, state, hidden, chosen } = props;
  const { trans } = context;
  return (
    <>
      <DraftPairs
        field="env"
        label={trans.__('Variables')}
        hint={
          hidden > 0
            ? trans._n(
                '%1 more comes from a secret or the like: see the YAML.',
                '%1 more come from secrets and the like: see the YAML.',
                hidden
              )
            : undefined
        }
        one={trans.__('Variable')}
        add={trans.__('Add a variable')}
        names={trans.__('Name')}
        values={trans.__('Value')}
        trans={trans}
        model={model}
        state={state}
      />
      <DraftLine
        field="image"
        label={trans.__('Image')}
        placeholder={chosen?.image}
        model={model}
        state={state}
      />
    </>
  );
}
