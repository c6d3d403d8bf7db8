import { InputDialog } from '@jupyterlab/apputils';
import type { Popup } from '@jupyterlab/statusbar';
import { showPopup } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { useEffect, useId, useReducer, useRef, useState } from 'react';

import type { IConnection } from '../client/connection';
import { registryChoices, registryLabel } from './registry';
import type { ConnectionStatus } from './statusItem';
import { describeConnection, kindWords } from './words';

/** What the switcher is given. */
export interface ISwitcherProps {
  connection: IConnection;
  /** Reads the connection now. */
  refresh: () => Promise<void>;
  /** The person is done. */
  onDone: () => void;
  trans: TranslationBundle;
}

/** Opens the switcher above the status item, or in dialogs while the status bar is hidden. */
export async function openSwitcher(
  props: Omit<ISwitcherProps, 'onDone'>,
  anchor: ConnectionStatus | null
): Promise<void> {
  if (!anchor?.isVisible) {
    return askInDialogs(props);
  }
  const onDone = () => {
    popup?.dispose();
    anchor.focus();
  };
  const body = ReactWidget.create(<Switcher {...props} onDone={onDone} />);
  body.addClass('jp-Kubeflow-Switcher');
  const popup: Popup | undefined = showPopup({
    body,
    anchor,
    align: 'left',
    hasDynamicSize: true
  });
  popup.node.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      anchor.focus();
    }
  });
}

/** Shows the state of the connection and switches profile, namespace and model registry. */
export function Switcher(props: ISwitcherProps): JSX.Element {
  const { connection, refresh, onDone, trans } = props;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => connection.subscribe(redraw), [connection]);
  const [active, setActive] = useState<string | null>(null);
  const [namespace, setNamespace] = useState<string | null>(null);
  const [registry, setRegistry] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => {
    const first = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
    (first('input:checked') ?? first('input, button'))?.focus();
  }, []);

  const state = connection.state;
  const words = describeConnection(connection, trans);
  const profiles = state?.profiles ?? [];
  const chosen = active ?? state?.active ?? '';
  const here = chosen === state?.active;
  const namespaces = profiles.find(profile => profile.name === chosen)?.namespaces ?? [];
  const registries = here ? registryChoices(connection) : [];
  const typed = namespace ?? (here ? (state?.namespace ?? '') : '');

  const attempt = async (action: () => Promise<void>) => {
    if (busy) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await action();
    } catch (error) {
      setFailure((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const submit = () =>
    attempt(async () => {
      await connection.select({
        active: chosen,
        namespace: typed.trim() || undefined,
        registry: registry ?? undefined
      });
      onDone();
    });

  return (
    <form
      ref={form}
      role="dialog"
      aria-label={trans.__('Kubeflow connection')}
      aria-busy={busy}
      onSubmit={event => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="jp-Kubeflow-Switcher-state">
        <p role="status" data-broken={words?.broken}>
          {words?.sentence ?? trans.__('Reading the connection…')}
        </p>
        {words?.broken && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-minimal"
            onClick={() => void attempt(refresh)}
          >
            {busy ? trans.__('Trying…') : trans.__('Retry now')}
          </button>
        )}
      </div>
      {profiles.length > 0 && (
        <fieldset>
          <legend>{trans.__('Connection')}</legend>
          {profiles.map(profile => (
            <label key={profile.name} className="jp-Kubeflow-Switcher-profile">
              <input
                type="radio"
                name={id}
                checked={profile.name === chosen}
                onChange={() => {
                  setActive(profile.name);
                  setNamespace(null);
                  setRegistry(null);
                }}
              />
              <span title={profile.name}>{profile.name}</span>
              <small>{kindWords(profile.kind, trans)}</small>
            </label>
          ))}
        </fieldset>
      )}
      {namespaces.length > 0 && (
        <label className="jp-Kubeflow-Switcher-namespace">
          {trans.__('Namespace')}
          <input
            type="text"
            className="jp-mod-styled"
            list={`${id}-namespaces`}
            autoComplete="off"
            spellCheck={false}
            placeholder={trans.__('the one used last')}
            value={typed}
            onChange={event => setNamespace(event.currentTarget.value)}
          />
          <datalist id={`${id}-namespaces`}>
            {namespaces.map(name => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
      )}
      {registries.length > 0 && (
        <label className="jp-Kubeflow-Switcher-registry">
          {trans.__('Model registry')}
          <select
            className="jp-mod-styled"
            value={registry ?? state?.components.registry?.choice ?? ''}
            onChange={event => setRegistry(event.currentTarget.value)}
          >
            <option value="" disabled hidden>
              {trans.__('Choose one')}
            </option>
            {registries.map(choice => (
              <option key={choice.name} value={choice.name} title={choice.description}>
                {registryLabel(choice)}
              </option>
            ))}
          </select>
        </label>
      )}
      {failure && (
        <p className="jp-Kubeflow-Switcher-failure" role="alert">
          {failure}
        </p>
      )}
      {profiles.length > 0 && (
        <button type="submit" className="jp-mod-styled jp-mod-accept" aria-disabled={busy}>
          {trans.__('Switch')}
        </button>
      )}
    </form>
  );
}

async function askInDialogs({
  connection,
  trans
}: Pick<ISwitcherProps, 'connection' | 'trans'>): Promise<void> {
  const profiles = connection.state?.profiles ?? [];
  const names = profiles.map(profile => profile.name);
  const choice = await InputDialog.getItem({
    title: trans.__('Switch Kubeflow connection'),
    label: describeConnection(connection, trans)?.sentence,
    items: names,
    current: names.indexOf(connection.state?.active ?? ''),
    okLabel: trans.__('Switch')
  });
  if (choice.value === null) {
    return;
  }
  const active = choice.value;
  const namespaces = profiles.find(profile => profile.name === active)?.namespaces ?? [];
  if (namespaces.length === 0) {
    return connection.select({ active });
  }
  const namespace = await InputDialog.getItem({
    title: trans.__('Namespace of %1', active),
    items: namespaces,
    editable: true,
    current: active === connection.state?.active ? connection.state.namespace : undefined,
    okLabel: trans.__('Switch')
  });
  if (namespace.value !== null) {
    await connection.select({ active, namespace: namespace.value.trim() || undefined });
  }
}
