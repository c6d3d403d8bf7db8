/** `serving.kserve.io`: v1beta1, v1alpha1, and LLMInferenceService in v1alpha2 or v1alpha1. */
import { because, conditionOf, readiness, trueCondition } from '../conditions';
import type { IConditioned } from '../conditions';
import type {
  IClusterServingRuntime,
  IInferenceGraph,
  IServingRuntime,
  ITrainedModel
} from '../generated/serving.v1alpha1';
import type { ILLMInferenceService } from '../generated/serving.v1alpha2';
import type { IInferenceService } from '../generated/serving.v1beta1';
import { there } from '../kind';
import type { IHealth, IKind } from '../kind';

export type {
  IClusterServingRuntime,
  IInferenceGraph,
  IInferenceService,
  ILLMInferenceService,
  IServingRuntime,
  ITrainedModel
};

const group = 'serving.kserve.io';
const STOP = 'serving.kserve.io/stop';
const BROKEN = new Set(['FailedToLoad', 'InvalidSpec', 'BlockedByFailedLoad']);

export const inferenceServices: IKind<IInferenceService> = {
  group,
  versions: ['v1beta1'],
  kind: 'InferenceService',
  plural: 'inferenceservices',
  namespaced: true,
  health: inferenceServiceHealth
};

export const inferenceGraphs: IKind<IInferenceGraph> = {
  group,
  versions: ['v1alpha1'],
  kind: 'InferenceGraph',
  plural: 'inferencegraphs',
  namespaced: true,
  health: object => stopped(object) ?? readiness(object)
};

export const llmInferenceServices: IKind<ILLMInferenceService> = {
  group,
  versions: ['v1alpha2', 'v1alpha1'],
  kind: 'LLMInferenceService',
  plural: 'llminferenceservices',
  namespaced: true,
  health: object => stopped(object) ?? readiness(object)
};

export const trainedModels: IKind<ITrainedModel> = {
  group,
  versions: ['v1alpha1'],
  kind: 'TrainedModel',
  plural: 'trainedmodels',
  namespaced: true,
  health: object => readiness(object as IConditioned)
};

export const servingRuntimes: IKind<IServingRuntime> = {
  group,
  versions: ['v1alpha1'],
  kind: 'ServingRuntime',
  plural: 'servingruntimes',
  namespaced: true,
  health: runtimeHealth
};

export const clusterServingRuntimes: IKind<IClusterServingRuntime> = {
  group,
  versions: ['v1alpha1'],
  kind: 'ClusterServingRuntime',
  plural: 'clusterservingruntimes',
  namespaced: false,
  health: runtimeHealth
};

/** A service that fails to load a newer model while it still answers with an older one is degraded; one that never answered has failed. */
function inferenceServiceHealth(service: IInferenceService): IHealth {
  const halted = stopped(service);
  if (halted) {
    return halted;
  }
  const ready = conditionOf(service, 'Ready');
  const model = service.status?.modelStatus;
  const failure = model?.lastFailureInfo;
  if (BROKEN.has(model?.transitionStatus ?? '')) {
    return {
      phase: ready?.status === 'True' ? 'degraded' : 'failed',
      reason: failure?.reason ?? model?.transitionStatus,
      ...(failure?.message && { message: failure.message })
    };
  }
  if (!ready || ready.status === 'Unknown') {
    return because('pending', ready);
  }
  if (ready.status === 'False') {
    const coming = model?.transitionStatus === 'InProgress' && !model.states?.activeModelState;
    return because(coming ? 'pending' : 'degraded', ready);
  }
  return { phase: 'ready' };
}

function stopped(object: IConditioned & { metadata?: { annotations?: Record<string, string> } }) {
  const asked = object.metadata?.annotations?.[STOP] === 'true';
  const condition = trueCondition(object, 'Stopped');
  return asked || condition ? because('suspended', condition) : undefined;
}

function runtimeHealth(runtime: IServingRuntime | IClusterServingRuntime): IHealth {
  return runtime.spec.disabled ? { phase: 'suspended', reason: 'Disabled' } : there();
}
