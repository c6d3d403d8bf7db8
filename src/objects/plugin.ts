import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { createElement } from 'react';

import { detailTabs, viewOf } from '../ui/detailTabs';
import { objectsIcon } from '../ui/icons';
import { IKubeflow } from '../ui/tokens';
import { argsOf, CommandIDs, idOf, type IObjectRef, kindOf, refOf, text } from './commands';
import type { IObjectsContext } from './context';

const BROWSER_ID = 'kubeflow-objects-browser';

/** Any object of the Kubernetes API: a list to look for it, and a tab for each. Everything but the commands is loaded when it is used. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-kubeflow:objects',
  description: 'Lists and opens any object of the Kubernetes API.',
  autoStart: true,
  requires: [IKubeflow],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, IEditorServices],
  activate: (
    app: JupyterFrontEnd,
    kubeflow: IKubeflow,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    editors: IEditorServices | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
    const tabs = detailTabs({ shell, trans, restorer, icon: objectsIcon, type: 'Kubeflow' });
    const objects = tabs('kubeflow-objects', CommandIDs.open);
    const browsers = tabs('kubeflow-objects-browser', CommandIDs.browse);
    const context: IObjectsContext = {
      kubeflow,
      commands,
      trans,
      editors,
      asked: new Signal({}),
      selection: [],
      open: (ref, section) => {
        objects.show(idOf(ref), argsOf(ref), section, async tab => {
          const { ObjectDetail } = await import('./objectDetail');
          return createElement(ObjectDetail, { context, of: ref, ...viewOf(tab) });
        });
      }
    };

    /** What a command without arguments is about: the tab in front, else what is selected in the list. */
    const about = (args: ReadonlyPartialJSONObject): readonly IObjectRef[] => {
      const named = refOf(args);
      if (named) {
        return [named];
      }
      const front = args['from'] === 'list' ? undefined : objects.front;
      const ref = front && refOf(front);
      return ref ? [ref] : context.selection;
    };

    commands.addCommand(CommandIDs.open, {
      label: trans.__('Open object'),
      caption: trans.__('Show an object of the Kubernetes API in a tab'),
      describedBy: { args: describe({ name: trans.__('Name of the object') }, trans) },
      isEnabled: args => about(args).length > 0,
      execute: args => {
        for (const ref of about(args)) {
          context.open(ref, text(args['section']));
        }
      }
    });
    commands.addCommand(CommandIDs.browse, {
      label: trans.__('Browse Kubernetes objects…'),
      caption: trans.__('List the objects of a kind and open them'),
      icon: objectsIcon,
      describedBy: { args: describe({}, trans) },
      execute: args => {
        const kind = kindOf(args);
        const { everywhere } = args;
        const chosen = { ...kind, ...(everywhere === undefined ? {} : { everywhere }) };
        browsers
          .open(BROWSER_ID, chosen, trans.__('Kubernetes objects'), async tab => {
            const { ObjectBrowser } = await import('./objectBrowser');
            return createElement(ObjectBrowser, {
              context,
              kind: () => tab.args,
              onKind: tab.remember
            });
          })
          .remember(chosen);
        if (kind) {
          context.asked.emit(kind);
        }
      }
    });
    commands.addCommand(CommandIDs.remove, {
      label: trans.__('Delete object…'),
      caption: trans.__('Delete an object of the Kubernetes API and what it owns'),
      describedBy: { args: describe({ name: trans.__('Name of the object') }, trans) },
      isEnabled: args => about(args).length > 0,
      execute: async args => {
        const refs = about(args);
        try {
          const { deleteObjects } = await import('./deleteObjects');
          for (const ref of await deleteObjects(context, refs)) {
            objects.find(idOf(ref))?.close();
          }
        } catch (error) {
          Notification.error((error as Error).message, { autoClose: false });
        }
      }
    });
    shell.currentChanged?.connect(() => commands.notifyCommandChanged());

    palette?.addItem({ command: CommandIDs.browse, category: trans.__('Kubeflow') });
    palette?.addItem({ command: CommandIDs.remove, category: trans.__('Kubeflow') });
  }
};

/** The arguments that name a kind, and others. */
function describe(
  others: Record<string, string>,
  trans: { __(text: string): string }
): { type: 'object'; properties: Record<string, { type: 'string'; description: string }> } {
  const words = {
    group: trans.__('API group, empty for the core group'),
    kind: trans.__('Kind, such as Pod'),
    plural: trans.__('Plural of the kind, such as pods'),
    namespace: trans.__('Namespace of the object'),
    section: trans.__('Section to show: overview, events, logs or yaml'),
    ...others
  };
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(words).map(([key, description]) => [key, { type: 'string', description }])
    )
  };
}

export default plugin;
