import type { ICompileSettings } from './api';

/** The plugin's settings (schema/notebook.json). */
export interface INotebookSettings {
  /** What goes into every compilation. */
  compile: ICompileSettings;
  /** Whether the submit dialog begins with caching on. */
  caching: boolean;
  /** Whether the submit dialog begins with what was typed last for the notebook. */
  rememberValues: boolean;
}

/** Reads the settings; a member that is missing has its default. */
export function readSettings(composite: Record<string, unknown> = {}): INotebookSettings {
  const requirements = Array.isArray(composite.requirements)
    ? composite.requirements.filter(item => typeof item === 'string')
    : [];
  const pinned = composite.pinRequirements === false ? undefined : 'auto';
  return {
    compile: {
      image: text(composite.image),
      requirements: requirements.length > 0 ? requirements : pinned,
      cell_timeout: seconds(composite.cellTimeout),
      timeout: seconds(composite.timeout)
    },
    caching: composite.caching === true,
    rememberValues: composite.rememberValues !== false
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** 0 stands for no limit. */
function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
