import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, refreshIcon, ToolbarButtonComponent } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { type ITab, Tabs } from './tabs';

/** A sidebar panel: header with the title and a toolbar; sections as tabs. */
export interface IPanelFrameProps<S extends string> {
  trans: TranslationBundle;
  commands: CommandRegistry;
  title: string;
  /** The command that reads the lists again. */
  refresh: string;
  /** The command that fills the section that is shown; its label is the button's. */
  create?: string;
  sections: readonly (ITab & { id: S })[];
  current: S;
  onSection: (section: S) => void;
}

/** Draws the panel. */
export function PanelFrame<S extends string>(props: IPanelFrameProps<S>): JSX.Element {
  const { trans, commands, title, refresh, create } = props;
  return (
    <div className="jp-Kubeflow-panel">
      <div className="jp-Kubeflow-panel-header jp-stack-panel-header">
        <h2>{title}</h2>
        <div role="toolbar" aria-label={title} className="jp-Kubeflow-toolbar">
          <ToolbarButtonComponent
            icon={refreshIcon}
            tooltip={trans.__('Refresh')}
            onClick={() => void commands.execute(refresh)}
          />
          {create && (
            <ToolbarButtonComponent
              icon={addIcon}
              tooltip={commands.label(create)}
              onClick={() => void commands.execute(create)}
            />
          )}
        </div>
      </div>
      <Tabs
        label={trans.__('Sections')}
        current={props.current}
        onChange={id => props.onSection(id as S)}
        tabs={props.sections}
      />
    </div>
  );
}
