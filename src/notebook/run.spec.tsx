import type { IDocumentManager } from '@jupyterlab/docmanager';
import { Notification } from '@jupyterlab/apputils';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { IServiceRequest } from '../client/transport';
import type { ICreateRun, IRun } from '../client/pipelines';
import type { IKubeflow } from '../ui/tokens';
import { runNotebook } from './run';
import { readSettings } from './settings';

const INSPECTION = {
  name: 'digits',
  kernel: { name: 'python3', display_name: 'Python 3' },
  parameters: [
    { name: 'lr', type: 'NUMBER_DOUBLE', default: 0.1, required: false, description: '' },
    { name: 'label', type: 'STRING', default: null, required: true, description: '' }
  ],
  problems: [] as object[]
};

const SPEC = { pipelineInfo: { name: 'digits' } };

function setUp(
  options: {
    inspection?: object;
    inspectError?: Error;
    dirty?: boolean;
    path?: string;
    settings?: Record<string, unknown>;
  } = {}
) {
  const requests: IServiceRequest[] = [];
  const json = jest.fn((request: IServiceRequest) => {
    requests.push(request);
    if (request.path === '/notebook/inspect') {
      return options.inspectError
        ? Promise.reject(options.inspectError)
        : Promise.resolve(options.inspection ?? INSPECTION);
    }
    return Promise.resolve({ name: 'digits', pipeline_spec: SPEC });
  });
  const createRun = jest.fn((run: ICreateRun) =>
    Promise.resolve({ id: 'r1', name: run.name } as IRun)
  );
  const model = { dirty: options.dirty ?? false };
  const save = jest.fn(() => {
    model.dirty = false;
    return Promise.resolve();
  });
  const panel = {
    context: { ready: Promise.resolve() },
    revealed: Promise.resolve(),
    content: {
      activeCellIndex: 0,
      mode: 'command',
      scrollToItem: jest.fn(() => Promise.resolve()),
      activeCell: { ready: Promise.resolve(), editor: { setCursorPosition: jest.fn() } }
    }
  };
  const docManager = {
    services: {
      contents: {
        driveName: (path: string) => (path.includes(':') ? path.split(':')[0] : ''),
        localPath: (path: string) => path.split(':').pop()
      }
    },
    findWidget: () => panel,
    contextForWidget: () => ({ model, save }),
    openOrReveal: jest.fn(() => panel)
  };
  const commands = { execute: jest.fn(() => Promise.resolve()), hasCommand: () => true };
  const kubeflow = {
    server: { json },
    connection: { state: null },
    pipelines: {
      createRun,
      listExperiments: () => Promise.resolve({ items: [] }),
      createExperiment: jest.fn()
    }
  };
  const result = runNotebook({
    path: options.path ?? 'work/digits.ipynb',
    kubeflow: kubeflow as unknown as IKubeflow,
    docManager: docManager as unknown as IDocumentManager,
    commands,
    settings: readSettings(options.settings),
    state: new StateDB(),
    trans: nullTranslator.load('')
  });
  return { result, requests, createRun, commands, save, panel, docManager };
}

async function press(name: string): Promise<void> {
  const dialog = await screen.findByRole('dialog');
  const buttons = await within(dialog).findAllByRole('button', { name });
  // The one in the footer; the cross in the header may have the same name.
  await userEvent.click(buttons[buttons.length - 1]!);
}

describe('runNotebook', () => {
  beforeAll(() => {
    // As JupyterLab's style does; a closed `<dialog>` would be hidden.
    const style = document.createElement('style');
    style.textContent = '.jp-Dialog { display: flex; }';
    document.head.append(style);
  });

  afterEach(() => {
    Notification.dismiss();
  });

  it('inspects, asks, compiles, creates the run and opens it', async () => {
    const { result, requests, createRun, commands, save } = setUp({
      path: 'RTC:work/digits.ipynb',
      settings: { image: 'team/image:1', timeout: 600, requirements: ['pandas==2.2.3'] }
    });
    const label = await screen.findByLabelText(/^label/);
    await waitFor(() => expect(screen.getByLabelText('Run name')).toHaveFocus());
    expect(screen.getByLabelText<HTMLInputElement>('Run name').value).toMatch(
      /^digits-\d{4}-\d\d-\d\d-\d{4}$/
    );
    await userEvent.type(label, 'first');
    await press('Run');
    const run = await result;
    expect(run?.id).toBe('r1');
    expect(requests.map(request => [request.path, request.json])).toEqual([
      ['/notebook/inspect', { path: 'work/digits.ipynb' }],
      [
        '/notebook/compile',
        {
          path: 'work/digits.ipynb',
          settings: {
            image: 'team/image:1',
            requirements: ['pandas==2.2.3'],
            timeout: 600,
            caching: false
          }
        }
      ]
    ]);
    expect(createRun.mock.calls[0]?.[0]).toMatchObject({
      pipelineSpec: SPEC,
      parameters: { lr: 0.1, label: 'first' },
      caching: false
    });
    expect(commands.execute).toHaveBeenCalledWith('kubeflow-pipelines:open-run', { runId: 'r1' });
    const [notification] = Notification.manager.notifications;
    expect(notification?.message).toBe(`${run?.name} submitted`);
    expect(notification?.options.actions?.[0]?.label).toBe('Open run');
    expect(save).not.toHaveBeenCalled();
  });

  it('saves a notebook with changes first, if the person agrees', async () => {
    const declined = setUp({ dirty: true });
    await press('Cancel');
    expect(await declined.result).toBeNull();
    expect(declined.requests).toEqual([]);
    expect(declined.save).not.toHaveBeenCalled();

    const agreed = setUp({ dirty: true });
    await press('Save and run');
    await screen.findByLabelText('Run name');
    expect(agreed.save).toHaveBeenCalledTimes(1);
    await press('Cancel');
    expect(await agreed.result).toBeNull();
  });

  it('tells why a notebook cannot run and goes to the line that is to blame', async () => {
    const message = 'rate is computed. Give it a plain value.';
    const problems = [{ severity: 'error', cell: 3, line: 2, message }];
    const { result, panel, docManager } = setUp({ inspection: { ...INSPECTION, problems } });
    expect(await screen.findByText('Cell 3, line 2')).toBeVisible();
    expect(screen.getByText(message)).toBeVisible();
    await press('Go to cell 3');
    expect(await result).toBeNull();
    expect(docManager.openOrReveal).toHaveBeenCalledWith('work/digits.ipynb', 'Notebook');
    expect(panel.content.activeCellIndex).toBe(2);
    expect(panel.content.activeCell.editor.setCursorPosition).toHaveBeenCalledWith({
      line: 1,
      column: 0
    });
  });

  it('shows warnings above the form', async () => {
    const problems = [
      { severity: 'warning', cell: 2, line: null, message: 'The tag has no effect.' }
    ];
    const { result } = setUp({ inspection: { ...INSPECTION, problems } });
    expect(await screen.findByText('Cell 2: The tag has no effect.')).toBeVisible();
    await press('Cancel');
    await result;
  });

  it('shows what the server says of a file that is no notebook', async () => {
    const message = 'digits.ipynb is not a readable notebook: no JSON. Open it and save it again.';
    const error = new ApiError({ service: 'jupyter', status: 400, reason: 'Invalid', message });
    const { result } = setUp({ inspectError: error });
    expect(await screen.findByText(message)).toBeVisible();
    await press('Close');
    expect(await result).toBeNull();
  });

  it('refuses a notebook of another drive', async () => {
    const { result, requests } = setUp({ path: 'S3:digits.ipynb' });
    expect(await screen.findByText(/not a file of the Jupyter server/)).toBeVisible();
    await press('Close');
    expect(await result).toBeNull();
    expect(requests).toEqual([]);
  });
});
