/** The form's own commands: *Train…* in menus, and what brings its tabs back. The form itself is loaded when it is first opened. */
import type { ICommandPalette } from '@jupyterlab/apputils';

import { addCommand, describe, text } from '../../ui/commands';
import type { DetailTabs } from '../../ui/detailTabs';
import { trainerIcon } from '../../ui/icons';
import { type ICreateSeed, type TrainerContext } from '../context';
import { onTarget } from '../../ui/training/target';

/** The form's commands. */
export namespace FormCommandIDs {
  /** Opens the form for a file, a notebook or the function of a cell: `{path?, origin?}`, see `targetSeed`. */
  export const train = 'kubeflow-trainer:train';
  /** Opens a form that was open before a reload: `{key, label, path?, cell?, function?}`. */
  export const restore = 'kubeflow-trainer:restore-form';
}

const tabs = new WeakMap<TrainerContext, DetailTabs>();

/** The tabs of forms; undefined before `addFormCommands`. */
export function formTabs(context: TrainerContext): DetailTabs | undefined {
  return tabs.get(context);
}

/** Adds the commands of forms, whose tabs are `forms`. */
export function addFormCommands(
  context: TrainerContext,
  forms: DetailTabs,
  palette: ICommandPalette | null
): void {
  const { trans } = context;
  const add = addCommand.bind(undefined, context);
  add(FormCommandIDs.train, {
    label: args =>
      args['origin'] === 'cell' ? trans.__('Train this function…') : trans.__('Train…'),
    caption: trans.__('Train with this on one or more nodes'),
    icon: trainerIcon,
    ...onTarget(context, async target => {
      const { openCreate } = await import('./index');
      await openCreate(context, target);
    })
  });
  add(FormCommandIDs.restore, {
    label: trans.__('Show the form of a training job'),
    describedBy: describe({
      key: trans.__('What the form is kept under'),
      label: trans.__('Title of its tab'),
      path: trans.__('A Python file or a notebook to train with'),
      cell: trans.__('The id of a cell of that notebook'),
      function: trans.__('The name of a function in it')
    }),
    execute: async args => {
      const key = text(args, 'key');
      if (!key) {
        return;
      }
      const seed: ICreateSeed = {
        path: text(args, 'path'),
        cell: text(args, 'cell'),
        function: text(args, 'function')
      };
      const { openForm } = await import('./index');
      openForm(context, key, text(args, 'label') ?? trans.__('New training job'), seed);
    }
  });
  tabs.set(context, forms);
  palette?.addItem({ command: FormCommandIDs.train, category: trans.__('Kubeflow') });
}
