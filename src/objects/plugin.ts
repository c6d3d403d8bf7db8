import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, Notification, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createElement } from 'react';

import { objectsIcon } from '../ui/icons';
import { LazyWidget } from '../ui/lazy';
import { IKubeflow } from '../ui/tokens';
import { argsOf, CommandIDs, idOf, type IObjectRef, refOf, text } from './commands';
import type { IObjectsContext } from './context';

type Tab = MainAreaWidget<LazyWidget>;

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
    const objects = new WidgetTracker<Tab>({ namespace: 'kubeflow-objects' });
    const browsers = new WidgetTracker<Tab>({ namespace: 'kubeflow-objects-browser' });
    /** The arguments that open each tab again, by its id; they change with what the tab shows. */
    const shown = new Map<string, ReadonlyPartialJSONObject>();
    const context: IObjectsContext = {
      kubeflow,
      commands,
      trans,
      editors,
      selection: [],
      open: (ref, section) => {
        const widget = show(objects, idOf(ref), ref.name, load => load(ref));
        remember(objects, widget, { ...argsOf(ref), ...(section ? { section } : {}) });
      }
    };

    const remember = (tracker: WidgetTracker<Tab>, tab: Tab, args: ReadonlyPartialJSONObject) => {
      shown.set(tab.id, { ...shown.get(tab.id), ...args });
      void tracker.save(tab);
    };
    const loadObject = (tab: () => Tab) => async (ref: IObjectRef) => {
      const { ObjectDetail } = await import('./objectDetail');
      return createElement(ObjectDetail, {
        context,
        of: ref,
        section: text(shown.get(idOf(ref))?.['section']),
        onSection: section => remember(objects, tab(), { section }),
        onGone: () => tab().dispose()
      });
    };
    const show = (
      tracker: WidgetTracker<Tab>,
      id: string,
      label: string,
      load: (object: (ref: IObjectRef) => Promise<JSX.Element>) => Promise<JSX.Element>
    ): Tab => {
      const known = tracker.find(tab => tab.id === id);
      if (known) {
        shell.activateById(id);
        return known;
      }
      const content = new LazyWidget(() => load(loadObject(() => tab)), trans);
      const tab: Tab = new MainAreaWidget({ content });
      tab.id = id;
      tab.title.label = label;
      tab.title.caption = label;
      tab.title.icon = objectsIcon;
      tab.title.closable = true;
      tab.toolbar.hide();
      tab.disposed.connect(() => shown.delete(id));
      void tracker.add(tab);
      shell.add(tab, 'main', { type: 'Kubeflow' });
      shell.activateById(id);
      return tab;
    };
    /** What a command without arguments is about: the tab in front, else what is selected in the list. */
    const about = (args: ReadonlyPartialJSONObject): readonly IObjectRef[] => {
      const named = refOf(args);
      if (named) {
        return [named];
      }
      const { currentWidget } = shell;
      const front =
        currentWidget && objects.has(currentWidget) ? shown.get(currentWidget.id) : undefined;
      const ref = front && args['from'] !== 'list' ? refOf(front) : undefined;
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
        const tab = show(browsers, BROWSER_ID, trans.__('Kubernetes objects'), async () => {
          const { ObjectBrowser } = await import('./objectBrowser');
          return createElement(ObjectBrowser, {
            context,
            kind: () => shown.get(BROWSER_ID),
            onKind: chosen => remember(browsers, tab, chosen)
          });
        });
        const kind = text(args['plural']) ?? text(args['kind']);
        remember(browsers, tab, {
          ...(kind ? { plural: kind } : {}),
          ...(typeof args['group'] === 'string' ? { group: args['group'] } : {})
        });
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
            objects.find(tab => tab.id === idOf(ref))?.dispose();
          }
        } catch (error) {
          Notification.error((error as Error).message, { autoClose: false });
        }
      }
    });
    shell.currentChanged?.connect(() => commands.notifyCommandChanged());

    void restorer?.restore(objects, {
      command: CommandIDs.open,
      args: tab => ({ ...shown.get(tab.id) }) as never,
      name: tab => tab.id
    });
    void restorer?.restore(browsers, {
      command: CommandIDs.browse,
      args: tab => ({ ...shown.get(tab.id) }) as never,
      name: tab => tab.id
    });
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
