/** What the commands of a panel have in common. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { addCommand, type Args, describe, text } from './commands';
import type { IListRequest } from './panelContext';

/** Adds the commands of a panel itself: to show it, to read its lists again, and to take the keyboard into its filter. */
export function addPanelCommands(
  context: { commands: CommandRegistry; trans: TranslationBundle },
  panel: {
    /** Reveals it. */
    show: () => void;
    /** Asks its lists. */
    ask: (request: IListRequest) => void;
    ids: { showPanel: string; refresh: string; filter: string };
    /** The label and the caption of each. */
    words: Record<'showPanel' | 'refresh' | 'filter', readonly [string, string]>;
  }
): void {
  const { show, ask, ids, words } = panel;
  const add = (command: keyof typeof words, execute: () => void) => {
    const [label, caption] = words[command];
    addCommand(context, ids[command], { label, caption, describedBy: describe({}), execute });
  };
  add('showPanel', show);
  add('refresh', () => ask({ kind: 'refresh' }));
  add('filter', () => {
    show();
    ask({ kind: 'filter' });
  });
}

/** Tells what commands on the objects of a panel are about, and whether they may be done. */
export class ObjectCommands<Ref, Right extends string> {
  /**
   * @param context - the panel's: its refusals hold for commands with the argument `from: 'list'`
   * @param objects.refOf - what arguments name; undefined when they name nothing
   * @param objects.front - what the object's tab in front is opened with
   * @param objects.selected - what is selected in the panel
   */
  constructor(
    private readonly context: {
      readonly trans: TranslationBundle;
      readonly refusals: Partial<Record<Right, string>>;
    },
    private readonly objects: {
      refOf: (args: Args) => Ref | undefined;
      front: () => Args | undefined;
      selected: () => readonly Ref[];
    }
  ) {}

  /** What a command is about: what its argument `name` names, else the tab in front, else what is selected. */
  readonly about = (args: Args): readonly Ref[] => {
    const { refOf, front, selected } = this.objects;
    const given = text(args, 'name') ? args : args['from'] === 'list' ? undefined : front();
    const ref = given && refOf(given);
    return ref ? [ref] : selected();
  };

  /**
   * The label of a command that needs a right, with the reason why it is disabled where that is known beforehand, and whether it is enabled.
   * @param isEnabled - whether it is when nothing speaks against it
   * @param obstacle - another reason than the right why it is not, as sentences
   */
  gated(
    words: string,
    right: Right,
    isEnabled: (args: Args) => boolean,
    obstacle: (args: Args) => string | undefined = () => undefined
  ): { label: (args: Args) => string; isEnabled: (args: Args) => boolean } {
    const { context } = this;
    const reason = (args: Args) =>
      text(args, 'refusal') ??
      (args['from'] === 'list' ? context.refusals[right] : undefined) ??
      obstacle(args);
    return {
      label: args => {
        const [why] = reason(args)?.split('. ') ?? [];
        return why ? context.trans.__('%1 (%2)', words, why.replace(/\.$/, '')) : words;
      },
      isEnabled: args => !reason(args) && isEnabled(args)
    };
  }
}
