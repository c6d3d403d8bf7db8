/** Tabs of the main area, one for each object, that are there again after a reload. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import { LazyWidget } from './lazy';

type Args = ReadonlyPartialJSONObject;

/** A tab, as what it shows sees it. */
export interface IDetailTab {
  /** What the command is given that opens it again. */
  readonly args: Args;
  /** Changes some of these arguments. */
  readonly remember: (change: Args) => void;
  readonly rename: (label: string) => void;
  readonly close: () => void;
  /** The tab was closed. */
  readonly disposed: ISignal<unknown, void>;
}

/** What all tabs of a kind of object have in common. */
export interface IDetailTabsOptions {
  shell: JupyterFrontEnd.IShell;
  restorer: ILayoutRestorer | null;
  trans: TranslationBundle;
  icon: LabIcon;
  /** What the tabs are remembered under. */
  namespace: string;
  /** Their type for the shell. */
  type: string;
  /** The command that opens a tab by its arguments. */
  command: string;
}

/** The tabs of one kind of object. */
export class DetailTabs {
  constructor(private readonly options: IDetailTabsOptions) {
    const { restorer, namespace, command } = options;
    this.tracker = new WidgetTracker<MainAreaWidget<LazyWidget>>({ namespace });
    void restorer?.restore(this.tracker, {
      command,
      args: widget => ({ ...this.tabs.get(widget.id)?.args }) as never,
      name: widget => widget.id
    });
  }

  /**
   * Opens a tab, or activates the one that is there.
   * @param id - of the object, unique in the page
   * @param args - what the command is given to open it again, for a tab that is not there yet
   * @param load - fetches the code and draws the content
   */
  open(
    id: string,
    args: Args,
    label: string,
    load: (tab: IDetailTab) => Promise<JSX.Element>
  ): IDetailTab {
    const tab = this.tabs.get(id) ?? this.add(id, args, label, load);
    this.options.shell.activateById(id);
    return tab;
  }

  /**
   * Opens an object's tab at a section, or brings the one that is there to the front.
   * @param ref - names the object to the command that opens its tab
   */
  show<Ref extends { readonly name: string }>(
    id: string,
    ref: Ref,
    section: string | undefined,
    load: (tab: IDetailTab) => Promise<JSX.Element>
  ): void {
    const args = { ...ref, ...(section ? { section } : {}) };
    this.open(id, args, ref.name, load).remember(args);
  }

  /** The tab of an object, when it is open. */
  find(id: string): IDetailTab | undefined {
    return this.tabs.get(id);
  }

  /** The arguments of the tab in front, when it is one of these. */
  get front(): Args | undefined {
    const { currentWidget } = this.options.shell;
    return currentWidget && this.tracker.has(currentWidget)
      ? this.tabs.get(currentWidget.id)?.args
      : undefined;
  }

  private add(
    id: string,
    args: Args,
    label: string,
    load: (tab: IDetailTab) => Promise<JSX.Element>
  ): IDetailTab {
    const { shell, trans, icon, type } = this.options;
    const widget = new MainAreaWidget({ content: new LazyWidget(() => load(tab), trans) });
    let current = args;
    const tab: IDetailTab = {
      get args() {
        return current;
      },
      remember: change => {
        current = { ...current, ...change };
        void this.tracker.save(widget);
      },
      rename: name => {
        widget.title.label = name;
        widget.title.caption = name;
      },
      close: () => widget.dispose(),
      disposed: widget.disposed
    };
    widget.id = id;
    widget.title.icon = icon;
    widget.title.closable = true;
    tab.rename(label);
    widget.toolbar.hide();
    widget.disposed.connect(() => this.tabs.delete(id));
    this.tabs.set(id, tab);
    void this.tracker.add(widget);
    shell.add(widget, 'main', { type });
    return tab;
  }

  private readonly tracker: WidgetTracker<MainAreaWidget<LazyWidget>>;
  private readonly tabs = new Map<string, IDetailTab>();
}

/** What a view of an object is told by its tab, and tells it. */
export interface ITabView {
  /** The section to begin with. */
  section?: string;
  /** Another section is shown. */
  onSection: (section: string) => void;
  /** Called when the tab has nothing to show any more. */
  onGone: () => void;
}

/** A tab as the view in it knows it. */
export function viewOf(tab: IDetailTab): ITabView {
  const { section } = tab.args;
  return {
    section: typeof section === 'string' && section !== '' ? section : undefined,
    onSection: chosen => tab.remember({ section: chosen }),
    onGone: tab.close
  };
}

/** Calls a tab by its object's name, also after a reload. */
export function renameOf(tab: IDetailTab): (name: string) => void {
  return name => {
    tab.rename(name);
    tab.remember({ name });
  };
}

/** Makes the tabs of each kind of object of a panel, given what they are remembered under and the command that opens one. */
export function detailTabs(
  common: Omit<IDetailTabsOptions, 'namespace' | 'command'>
): (namespace: string, command: string) => DetailTabs {
  return (namespace, command) => new DetailTabs({ ...common, namespace, command });
}
