/** The suite's icons. JupyterLab's own are used wherever it has one. */
import { LabIcon } from '@jupyterlab/ui-components';

import type { GraphState } from '../graph/schema';
import artifact from '../../style/icons/artifact.svg';
import katib from '../../style/icons/katib.svg';
import objects from '../../style/icons/objects.svg';
import pipelines from '../../style/icons/pipelines.svg';
import registry from '../../style/icons/registry.svg';
import cached from '../../style/icons/state-cached.svg';
import cancelled from '../../style/icons/state-cancelled.svg';
import failed from '../../style/icons/state-failed.svg';
import paused from '../../style/icons/state-paused.svg';
import pending from '../../style/icons/state-pending.svg';
import running from '../../style/icons/state-running.svg';
import skipped from '../../style/icons/state-skipped.svg';
import succeeded from '../../style/icons/state-succeeded.svg';
import trainer from '../../style/icons/trainer.svg';

const icon = (name: string, svgstr: string): LabIcon =>
  new LabIcon({ name: `jupyterlab-kubeflow:${name}`, svgstr });

/** The Pipelines panel, its runs' and pipelines' tabs. */
export const pipelinesIcon = icon('pipelines', pipelines);

/** The Trainer panel, the tabs of its jobs. */
export const trainerIcon = icon('trainer', trainer);

/** The Katib panel, the tabs of its tuning experiments and trials. */
export const katibIcon = icon('katib', katib);

/** The Model Registry panel, the tabs of its models and versions. */
export const registryIcon = icon('registry', registry);

/** Objects of the Kubernetes API. */
export const objectsIcon = icon('objects', objects);

/** An artifact. */
export const artifactIcon = icon('artifact', artifact);

/** One shape a state, so that colour is never alone. */
export const stateIcons: Readonly<Record<GraphState, LabIcon>> = {
  pending: icon('state-pending', pending),
  running: icon('state-running', running),
  succeeded: icon('state-succeeded', succeeded),
  failed: icon('state-failed', failed),
  skipped: icon('state-skipped', skipped),
  cached: icon('state-cached', cached),
  paused: icon('state-paused', paused),
  cancelled: icon('state-cancelled', cancelled)
};
