import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ServerConnection } from '@jupyterlab/services';
import type { IStatusBar } from '@jupyterlab/statusbar';
import { CommandRegistry } from '@lumino/commands';
import { PromiseDelegate } from '@lumino/coreutils';
import { waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IConnectionState } from '../client/connection';
import type { IKubeflow } from '../ui/tokens';
import { CommandIDs, connectionPlugin } from './plugin';

const STATE: IConnectionState = {
  active: 'local',
  namespace: 'kubeflow-user',
  profiles: [{ name: 'local', kind: 'local', namespaces: ['kubeflow-user'] }],
  components: {},
  status: { ok: true }
};

async function activate(server = { down: false }, state = STATE) {
  const requests: [string, string, string][] = [];
  const fetch = async (info: RequestInfo, init?: RequestInit) => {
    const request = new Request(info, init);
    requests.push([request.method, new URL(request.url).pathname, await request.text()]);
    if (server.down) {
      throw new TypeError('Failed to fetch');
    }
    return new Response(JSON.stringify(state));
  };
  const restored = new PromiseDelegate<void>();
  const app = {
    commands: new CommandRegistry(),
    restored: restored.promise,
    serviceManager: {
      serverSettings: ServerConnection.makeSettings({ baseUrl: 'http://localhost/base/', fetch })
    }
  } as unknown as JupyterFrontEnd;
  const items: IStatusBar.IItem[] = [];
  const statusBar = {
    registerStatusItem: (_id: string, item: IStatusBar.IItem) => items.push(item)
  };
  const kubeflow = (await connectionPlugin.activate(app, null, null, statusBar, null)) as IKubeflow;
  return { app, kubeflow, requests, restored, item: items[0]! };
}

/** Resolves when the connection tells its next change. */
function changed({ connection }: IKubeflow): Promise<void> {
  return new Promise(resolve => {
    const end = connection.subscribe(() => {
      end();
      resolve();
    });
  });
}

describe('connectionPlugin', () => {
  it('reads the connection only after JupyterLab has started, and shows it then', async () => {
    const { kubeflow, requests, restored, item } = await activate();
    expect(requests).toEqual([]);
    expect(item.isActive?.()).toBe(false);
    const told = changed(kubeflow);
    restored.resolve();
    await told;
    expect(requests).toEqual([['GET', '/base/kubeflow/connection', '']]);
    expect(kubeflow.connection.state).toEqual(STATE);
    expect(item.isActive?.()).toBe(true);
  });

  it('looks soon after a request failed, and shows that the Jupyter server is gone', async () => {
    const clock = jest.spyOn(Date, 'now');
    try {
      const server = { down: false };
      const { kubeflow, restored, item } = await activate(server);
      const told = changed(kubeflow);
      restored.resolve();
      await told;
      let now = Date.now();
      clock.mockImplementation(() => (now += 6_000));
      server.down = true;
      await waitFor(async () => {
        await expect(kubeflow.transport.json('pipelines', { path: '/x' })).rejects.toThrow(
          'The Jupyter server cannot be reached.'
        );
        expect(kubeflow.connection.error?.message).toContain('The Jupyter server');
      });
      expect(kubeflow.connection.state).toEqual(STATE);
      expect(item.isActive?.()).toBe(true);
    } finally {
      clock.mockRestore();
    }
  });

  it('switches by command', async () => {
    const { app, requests } = await activate();
    await app.commands.execute(CommandIDs.switchTo, { active: 'kind-dev', namespace: 'team-a' });
    expect(requests).toEqual([
      ['PUT', '/base/kubeflow/connection', '{"active":"kind-dev","namespace":"team-a"}']
    ]);
  });

  it('switches the model registry by command, where there are several', async () => {
    const choices = ['a/one', 'b/two'].map(name => ({ name, displayName: name }));
    const registry = { available: true, choices, choice: 'a/one' };
    const { app, kubeflow, requests } = await activate(undefined, {
      ...STATE,
      components: { registry }
    });
    expect(app.commands.isEnabled(CommandIDs.switchRegistry)).toBe(false);
    const told = jest.fn();
    app.commands.commandChanged.connect((_, { id }) => told(id));
    await kubeflow.connection.refresh();
    expect(told).toHaveBeenCalledWith(CommandIDs.switchRegistry);
    expect(app.commands.isEnabled(CommandIDs.switchRegistry)).toBe(true);
    await app.commands.execute(CommandIDs.switchRegistry, { registry: 'b/two' });
    const path = '/base/kubeflow/connection';
    expect(requests.at(-1)).toEqual(['PUT', path, '{"registry":"b/two"}']);

    const asked = app.commands.execute(CommandIDs.switchRegistry);
    const list = await waitFor(() => {
      const found = document.querySelector('.jp-Dialog select');
      expect(found).not.toBeNull();
      return found as HTMLSelectElement;
    });
    expect(list).toHaveValue('a/one');
    await userEvent.selectOptions(list, 'b/two');
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-accept')?.click();
    await asked;
    expect(requests).toHaveLength(3);
    expect(requests.at(-1)).toEqual(['PUT', path, '{"registry":"b/two"}']);
  });

  it('describes the arguments of every command', async () => {
    const { app } = await activate();
    for (const command of Object.values(CommandIDs)) {
      expect(await app.commands.describedBy(command)).toMatchObject({ args: { type: 'object' } });
    }
  });
});
