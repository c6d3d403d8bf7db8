/** What the panel's commands are made with. */
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { CommandRegistry } from '@lumino/commands';

import { addCommand, type Args, text } from '../ui/commands';
import type { PipelinesContext } from './context';

/** What the commands need beside the context. */
export interface ICommandHost {
  /** Reveals the sidebar panel. */
  showPanel: () => void;
  /** Opens or activates a run's detail tab; one that is opened begins with the section. */
  openRun: (runId: string, name?: string, section?: string) => void;
  /** Opens or activates a pipeline's detail tab. */
  openPipeline: (pipelineId: string, name?: string) => void;
  /** Opens or activates a recurring run's detail tab. */
  openRecurringRun: (recurringRunId: string, name?: string) => void;
  /** What the current main-area tab shows. */
  current: () => Partial<Record<AboutKey, string>>;
  documents: IDocumentManager | null;
}

/** The argument that says what a command is about. */
export type AboutKey = 'runId' | 'pipelineId' | 'recurringRunId';

/** Adds commands that say in a notification why they failed, rather than in the console, and tells what a command is about. */
export class CommandTools {
  constructor(
    private readonly context: PipelinesContext,
    private readonly host: ICommandHost
  ) {}

  add(id: string, options: CommandRegistry.ICommandOptions): void {
    addCommand(this.context, id, options);
  }

  /** The ids that a command is about: its argument, else the tab in front, else what is selected. */
  about(args: Args, key: AboutKey): string[] {
    const { runs, pipelines, recurring } = this.context.selection;
    const current = args['from'] === 'list' ? undefined : this.host.current()[key];
    const selected = { runId: runs, pipelineId: pipelines, recurringRunId: recurring }[key];
    const id = text(args, key) ?? current;
    return id ? [id] : selected.map(item => item.id);
  }

  /** Whether a command is about anything. */
  has(key: AboutKey): (args: Args) => boolean {
    return args => this.about(args, key).length > 0;
  }

  /** The pipelines that a command is about, as far as they are known. */
  pipelines(args: Args): { id: string; displayName: string }[] {
    const known = new Map(this.context.selection.pipelines.map(item => [item.id, item]));
    return this.about(args, 'pipelineId').map(
      id => known.get(id) ?? { id, displayName: text(args, 'name') ?? id }
    );
  }
}
