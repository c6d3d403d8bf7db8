/**
 * The form to create a tuning experiment. It is a tab of the main area and no dialog: while it is filled in, the notebook and the trials beside it are
 * to be looked at, and it stays over a reload.
 */
import { createElement } from 'react';

import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { optimizationJobs, tuningExperiments } from '../../client/kubernetes/kinds';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { CommandIDs, type KatibContext, type StudyKind } from '../context';
import { selectedOf, type StudyObject, studyKind } from '../kinds';
import { formTabs, modelOf } from './commands';
import type { FormModel } from './formModel';
import { isKept } from './formState';
import { beginning, type ICreateSeed, keyOf, labelOf } from './seeds';

/** Opens the form, or the one that is open for the same seed. What was typed in it before is there again. */
export async function openCreate(context: KatibContext, seed: ICreateSeed): Promise<void> {
  openForm(context, keyOf(context, seed), labelOf(context, seed), seed);
}

/** Opens a form by its key; `seed` is what it begins with where nothing was typed yet. */
export function openForm(
  context: KatibContext,
  key: string,
  label: string,
  seed: ICreateSeed
): void {
  const { services, trans, kubeflow, commands } = context;
  const { path, cell } = seed;
  const args: ReadonlyPartialJSONObject = {
    key,
    label,
    ...(path ? { path } : {}),
    ...(cell ? { cell } : {})
  };
  // A tab that is moved draws its content anew.
  let model: FormModel | undefined;
  formTabs(context)?.open(key, args, label, async tab => {
    const [{ CreateForm }, form, { kubernetesOf }, typed] = await Promise.all([
      import('./createForm'),
      import('./formModel'),
      import('../../ui/kubernetes/connection'),
      services.state?.fetch(key).catch(() => undefined)
    ]);
    const kubernetes = kubernetesOf(kubeflow);
    const kept = isKept(typed) ? typed : undefined;
    const kind = kept?.kind ?? (await kindFor(kubernetes.client, seed));
    model ??= new form.FormModel({
      kind,
      begin: () => beginning(context, kind, seed),
      kept,
      services,
      server: kubeflow.server,
      kubernetes,
      namespace: () => kubeflow.connection.state?.namespace ?? '',
      keep: now => void services.state?.save(key, JSON.parse(JSON.stringify(now))),
      trans
    });
    modelOf(context).set(key, model);
    tab.disposed.connect(() => modelOf(context).delete(key));
    return createElement(CreateForm, {
      context,
      model,
      onCreated: (made: StudyObject) => {
        const { kind: of, namespace, name } = selectedOf(made);
        tab.close();
        void commands.execute(CommandIDs.openExperiment, { kind: of, namespace, name });
      }
    });
  });
}

/** A clone is of its own kind; else it is an Experiment, unless the cluster has only OptimizationJobs. */
async function kindFor(
  client: IKubernetes['client'],
  { experiment }: ICreateSeed
): Promise<StudyKind> {
  if (experiment) {
    return studyKind(experiment);
  }
  const has = (kind: typeof tuningExperiments | typeof optimizationJobs) =>
    client.discovery.has(kind).catch(() => false);
  return !(await has(tuningExperiments)) && (await has(optimizationJobs))
    ? 'OptimizationJob'
    : 'Experiment';
}
