import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon, ellipsesIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';
import { useState } from 'react';

import { IconButton } from './iconButton';
import { Name } from './text';
import { type ITab, Tabs } from './tabs';
import { TextButton } from './viewState';

/** An entry of the ⋯ menu: a command and its arguments. */
export interface IMenuItem {
  command: string;
  args?: ReadonlyJSONObject;
}

/** A detail tab: header with the object's name, state and actions; sections as tabs. */
export interface IDetailFrameProps {
  trans: TranslationBundle;
  icon: LabIcon;
  /** The state's icon, before the name. */
  state?: React.ReactNode;
  name: string;
  /** The state in words. */
  words: React.ReactNode;
  /** What suggests itself; `busy` stands in the label's place until what `run` gives back is done. */
  primary?: IPrimaryAction;
  menu?: { commands: CommandRegistry; items: readonly IMenuItem[] };
  /** A line above the content: offline, or why the last read failed. */
  notice?: React.ReactNode;
  stale?: boolean;
  tabs: readonly ITab[];
  current: string;
  onTab: (id: string) => void;
}

/** The action beside the name. */
export interface IPrimaryAction {
  label: string;
  run: () => unknown;
  busy?: string;
  /** Why it cannot be done; it is disabled then, and says so on hover and to screen readers. */
  reason?: string;
}

function PrimaryButton(props: IPrimaryAction): JSX.Element {
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await props.run();
    } finally {
      setBusy(false);
    }
  };
  return (
    <TextButton onClick={() => void run()} disabled={busy} reason={props.reason}>
      {(busy && props.busy) || props.label}
    </TextButton>
  );
}

/** Opens a menu of commands below an element. */
export function openMenu(
  anchor: HTMLElement,
  commands: CommandRegistry,
  items: readonly IMenuItem[]
): void {
  const menu = new Menu({ commands });
  for (const item of items) {
    menu.addItem({ command: item.command, args: item.args ?? {} });
  }
  menu.aboutToClose.connect(() => {
    window.setTimeout(() => menu.dispose());
  });
  const box = anchor.getBoundingClientRect();
  menu.open(box.left, box.bottom);
}

/** The frame of every detail tab. */
export function DetailFrame(props: IDetailFrameProps): JSX.Element {
  const { trans, menu, primary } = props;
  return (
    <div className="jp-Kubeflow-detail">
      <header className="jp-Kubeflow-detail-header">
        {props.state ?? (
          <props.icon.react tag="span" className="jp-Kubeflow-icon" width="16px" height="16px" />
        )}
        <h1 className="jp-Kubeflow-detail-name">
          <Name text={props.name} />
        </h1>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy name')}
          onClick={() => Clipboard.copyToSystem(props.name)}
        />
        <span className="jp-Kubeflow-detail-words">{props.words}</span>
        {primary && <PrimaryButton {...primary} />}
        {menu && (
          <IconButton
            icon={ellipsesIcon}
            label={trans.__('More actions')}
            aria-haspopup="menu"
            onClick={event => openMenu(event.currentTarget, menu.commands, menu.items)}
          />
        )}
      </header>
      {props.notice}
      <Tabs
        className={props.stale ? 'jp-mod-offline' : undefined}
        label={trans.__('Sections')}
        tabs={props.tabs}
        current={props.current}
        onChange={props.onTab}
      />
    </div>
  );
}
