/** The form's own commands: *Tune…* in menus, and what brings its tabs back. The form itself is loaded when it is first opened. */
import type { ICommandPalette } from '@jupyterlab/apputils';

import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import { addCommand, type Args, describe, describeWith, text } from '../../ui/commands';
import type { DetailTabs } from '../../ui/detailTabs';
import { katibIcon } from '../../ui/icons';
import { onTarget } from '../../ui/training/target';
import { CreateCommandIDs, type KatibContext } from '../context';
import type { StudyObject } from '../kinds';
import type { FormModel } from './formModel';
import type { ICreateSeed } from './seeds';

/** The form's commands beside those that others call (`CreateCommandIDs`). */
export namespace FormCommandIDs {
  /** Puts the Python that makes the experiment of the form in front into a cell. */
  export const insertSdkCode = 'kubeflow-katib:insert-sdk-code';
  /** Opens a form that was open before a reload: `{key, label, path?, cell?}`. */
  export const restore = 'kubeflow-katib:restore-form';
}

interface IForms {
  readonly tabs: DetailTabs;
  /** The state of each open form, by its key. */
  readonly models: Map<string, FormModel>;
}

const all = new WeakMap<KatibContext, IForms>();

/** The tabs of forms; undefined before `addFormCommands`. */
export function formTabs(context: KatibContext): DetailTabs | undefined {
  return all.get(context)?.tabs;
}

/** The state of each open form, by its key. */
export function modelOf(context: KatibContext): Map<string, FormModel> {
  return all.get(context)?.models ?? new Map();
}

/** Adds the commands of forms, whose tabs are `tabs`. */
export function addFormCommands(
  context: KatibContext,
  tabs: DetailTabs,
  palette: ICommandPalette | null
): void {
  const { trans, services } = context;
  const models = new Map<string, FormModel>();
  all.set(context, { tabs, models });
  const add = addCommand.bind(undefined, context);
  const open = async (seed: ICreateSeed) => {
    const { openCreate } = await import('./index');
    await openCreate(context, seed);
  };
  add(CreateCommandIDs.createExperiment, {
    label: trans.__('New tuning experiment…'),
    caption: trans.__('Search for the parameters by which something trains best'),
    icon: args => (args['toolbar'] ? undefined : katibIcon),
    describedBy: describeWith(
      {
        path: trans.__('A Python file or a notebook to tune'),
        cell: trans.__('The id of a cell of that notebook, whose function is tuned')
      },
      {
        experiment: trans.__('An Experiment or OptimizationJob to make another one like it from'),
        trainJob: trans.__('A TrainJob that each trial is to be like')
      }
    ),
    execute: args =>
      open({
        path: text(args, 'path'),
        cell: text(args, 'cell'),
        experiment: args['experiment'] as unknown as StudyObject | undefined,
        trainJob: args['trainJob'] as unknown as ITrainJob | undefined
      })
  });
  add(CreateCommandIDs.tuneNotebook, {
    label: args =>
      args['origin'] === 'cell' ? trans.__('Tune this function…') : trans.__('Tune…'),
    caption: trans.__('Search for the parameters by which this trains best'),
    icon: katibIcon,
    ...onTarget(context, open)
  });
  const front = (_: Args) => models.get(String(tabs.front?.['key'] ?? ''));
  add(FormCommandIDs.insertSdkCode, {
    label: trans.__('Insert SDK code of the tuning experiment'),
    caption: trans.__('Put the Python that makes the same experiment into the notebook used last'),
    describedBy: describe({}),
    isEnabled: args => front(args) !== undefined && services.notebooks !== null,
    execute: async args => {
      const model = front(args);
      if (model) {
        const { insertSdkCode } = await import('./insertSdkCode');
        await insertSdkCode(context, model);
      }
    }
  });
  add(FormCommandIDs.restore, {
    label: trans.__('Show the form of a tuning experiment'),
    describedBy: describe({
      key: trans.__('What the form is kept under'),
      label: trans.__('Title of its tab'),
      path: trans.__('A Python file or a notebook to tune'),
      cell: trans.__('The id of a cell of that notebook')
    }),
    execute: async args => {
      const key = text(args, 'key');
      if (key) {
        const seed: ICreateSeed = { path: text(args, 'path'), cell: text(args, 'cell') };
        const { openForm } = await import('./index');
        openForm(context, key, text(args, 'label') ?? trans.__('New tuning experiment'), seed);
      }
    }
  });
  for (const command of [
    CreateCommandIDs.createExperiment,
    CreateCommandIDs.tuneNotebook,
    FormCommandIDs.insertSdkCode
  ]) {
    palette?.addItem({ command, category: trans.__('Kubeflow') });
  }
}
