/**
 * The form to create a TrainJob. It is a tab of the main area and no dialog: while it is filled in, the notebook, the file and the job beside it are to be
 * looked at, and it stays over a reload.
 */
import { createElement } from 'react';

import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ITrainJob } from '../../client/kubernetes/kinds';
import { CommandIDs, type ICreateSeed, type TrainerContext } from '../context';
import { formTabs } from './commands';
import type { FormModel } from './formModel';
import { isKept } from './formState';
import { beginning, keyOf, labelOf } from './seeds';

/** Opens the form, or the one that is open for the same seed. What was typed in it before is there again. */
export async function openCreate(context: TrainerContext, seed: ICreateSeed): Promise<void> {
  openForm(context, keyOf(context, seed), labelOf(context, seed), seed);
}

/** Opens a form by its key; `seed` is what it begins with where nothing was typed yet. */
export function openForm(
  context: TrainerContext,
  key: string,
  label: string,
  seed: ICreateSeed
): void {
  const { services, trans, kubeflow, commands } = context;
  const args: ReadonlyPartialJSONObject = { key, label, ...paths(seed) };
  // A tab that is moved draws its content anew.
  let model: FormModel | undefined;
  formTabs(context)?.open(key, args, label, async tab => {
    const [{ CreateForm }, form, { kubernetesOf }, kept] = await Promise.all([
      import('./createForm'),
      import('./formModel'),
      import('../../ui/kubernetes/connection'),
      services.state?.fetch(key).catch(() => undefined)
    ]);
    model ??= new form.FormModel({
      begin: () => beginning(context, seed),
      kept: isKept(kept) ? kept : undefined,
      services,
      server: kubeflow.server,
      kubernetes: kubernetesOf(kubeflow),
      namespace: () => kubeflow.connection.state?.namespace ?? '',
      keep: typed => void services.state?.save(key, JSON.parse(JSON.stringify(typed))),
      trans
    });
    return createElement(CreateForm, {
      context,
      model,
      onCreated: (job: ITrainJob) => {
        const { name = '', namespace = '' } = job.metadata ?? {};
        tab.close();
        void commands.execute(CommandIDs.openJob, { name, namespace });
      }
    });
  });
}

function paths({ path, cell, function: name }: ICreateSeed): ReadonlyPartialJSONObject {
  return {
    ...(path ? { path } : {}),
    ...(cell ? { cell } : {}),
    ...(name ? { function: name } : {})
  };
}
