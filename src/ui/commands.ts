/** What the panels' commands are made with. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { errorMessage } from './viewState';

/** A command's arguments. */
export type Args = ReadonlyPartialJSONObject;

/** An argument that is a text and not empty. */
export function text(args: Args, name: string): string | undefined {
  return typeof args[name] === 'string' && args[name] !== '' ? (args[name] as string) : undefined;
}

/** Describes a command's arguments: all strings, none required unless said. */
export function describe(properties: Record<string, string>, required: string[] = []) {
  return {
    args: {
      type: 'object' as const,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, description]) => [
          name,
          { type: 'string' as const, description }
        ])
      ),
      ...(required.length > 0 ? { required } : {})
    }
  };
}

/** Describes a command's arguments: strings, and objects as an API has them; none required. */
export function describeWith(texts: Record<string, string>, objects: Record<string, string>) {
  const { args } = describe(texts);
  const entries = Object.entries(objects).map(
    ([name, description]) => [name, { type: 'object' as const, description }] as const
  );
  return {
    args: { ...args, properties: { ...args.properties, ...Object.fromEntries(entries) } }
  };
}

/** Adds a command that says in a notification why it failed, rather than in the console. */
export function addCommand(
  { commands, trans }: { commands: CommandRegistry; trans: TranslationBundle },
  id: string,
  options: CommandRegistry.ICommandOptions
): void {
  commands.addCommand(id, {
    ...options,
    describedBy: options.describedBy,
    execute: async args => {
      try {
        return await options.execute(args);
      } catch (error) {
        Notification.error(errorMessage(error) || trans.__('This did not work.'), {
          autoClose: false
        });
        return undefined;
      }
    }
  });
}
