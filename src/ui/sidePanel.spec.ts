import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import { makeConnection } from '../testing/pipelinesContext';
import { trainerIcon } from './icons';
import { addSidePanel, isLocal, type PanelVisibility } from './sidePanel';

/** A panel that belongs to connections with `trainer`; answers what is in the sidebar. */
async function make(visibility: PanelVisibility, components = {}) {
  const shown = new Set<Widget>();
  const shell = {
    add: (widget: Widget) => void shown.add(widget),
    activateById: jest.fn()
  } as unknown as JupyterFrontEnd.IShell;
  const setting = { composite: visibility };
  const loaded = { get: () => setting, changed: new Signal<object, void>({}) };
  const connection = makeConnection({ components });
  const show = addSidePanel({
    shell,
    presence: {
      get found() {
        return Boolean(connection.state?.components['trainer']);
      },
      subscribe: connection.subscribe
    },
    trans: nullTranslator.load('jupyterlab_kubeflow'),
    restorer: null,
    settings: { load: async () => loaded } as unknown as ISettingRegistry,
    plugin: 'x',
    id: 'panel',
    caption: 'Panel',
    icon: trainerIcon,
    rank: 1,
    type: 'x',
    load: async () => null as never
  });
  await Promise.resolve();
  return { shown, connection, show, shell };
}

it('is there where the connection has its component', async () => {
  const { shown, connection } = await make('auto');
  expect(shown.size).toBe(0);
  connection.set({ components: { trainer: { available: true } } });
  expect([...shown].map(({ id }) => id)).toEqual(['panel']);
});

it('is there always or never where the setting says so, and when it is asked for', async () => {
  expect((await make('always')).shown.size).toBe(1);
  const never = await make('never', { trainer: { available: true } });
  expect(never.shown.size).toBe(0);
  never.show();
  expect(never.shown.size).toBe(1);
  expect(never.shell.activateById).toHaveBeenCalledWith('panel');
});

it('knows Local Kubeflow', () => {
  const profiles = [{ name: 'here', kind: 'local' as const, namespaces: [] }];
  expect(isLocal(makeConnection({ active: 'here', profiles }).state)).toBe(true);
  expect(isLocal(makeConnection().state)).toBe(false);
  expect(isLocal(null)).toBe(false);
});
