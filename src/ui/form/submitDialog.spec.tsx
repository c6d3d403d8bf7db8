import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IExperiment, IRun } from '../../client/pipelines';
import type { IParameter } from './parameters';
import { showSubmitDialog } from './submitDialog';
import type { ISubmitContext, ISubmitOptions, ISubmitValues } from './submitModel';

const RUN = { id: 'r1', name: 'digits-1' } as IRun;
const EXPERIMENT: IExperiment = { id: 'e1', name: 'digits', createdAt: '', archived: false };
const PARAMETERS: IParameter[] = [
  { name: 'lr', type: 'NUMBER_DOUBLE', default: 0.1, required: false, description: 'Step size' },
  { name: 'layers', type: 'LIST', default: [64, 32], required: false },
  { name: 'shuffle', type: 'BOOLEAN', default: true, required: false },
  { name: 'label', type: 'STRING', required: true }
];

function open(options: Partial<ISubmitOptions> = {}) {
  const submit = jest.fn((_values: ISubmitValues, _context: ISubmitContext): Promise<IRun> =>
    Promise.resolve(RUN)
  );
  const experiments = {
    listExperiments: jest.fn(() => Promise.resolve({ items: [EXPERIMENT] })),
    createExperiment: jest.fn((name: string) => Promise.resolve({ ...EXPERIMENT, id: 'new', name }))
  };
  const result = showSubmitDialog({
    title: 'Run digits.ipynb as a pipeline',
    name: 'digits-1',
    parameters: PARAMETERS,
    experiments,
    submit,
    trans: nullTranslator.load(''),
    ...options
  });
  return { submit, experiments, result };
}

/** The dialog once its first field has the focus. */
async function opened(): Promise<void> {
  const dialog = await screen.findByRole('dialog');
  await waitFor(() => expect(within(dialog).getByLabelText('Run name')).toHaveFocus());
}

/** JupyterLab's `ClipboardEvent` for jest does not bubble. */
function paste(field: HTMLElement, text: string): void {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  fireEvent(field, Object.assign(event, { clipboardData: { getData: () => text } }));
}

async function fill(label: RegExp, text: string): Promise<void> {
  const field = await screen.findByLabelText(label);
  await userEvent.clear(field);
  await userEvent.click(field);
  await userEvent.paste(text);
}

describe('showSubmitDialog', () => {
  beforeAll(() => {
    // As JupyterLab's style does; a closed `<dialog>` would be hidden.
    const style = document.createElement('style');
    style.textContent = '.jp-Dialog { display: flex; }';
    document.head.append(style);
  });

  afterEach(async () => {
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('leaves the keyboard where it was put before the browser was idle', async () => {
    const idle: IdleRequestCallback[] = [];
    const spy = jest
      .spyOn(window, 'requestIdleCallback')
      .mockImplementation(work => idle.push(work));
    open();
    await opened();
    screen.getByLabelText(/^lr/).focus();
    spy.mockRestore();
    idle.forEach(work => work({ didTimeout: false, timeRemaining: () => 50 }));
    await Promise.resolve();
    expect(screen.getByLabelText(/^lr/)).toHaveFocus();
  });

  it('starts in the first field, submits typed values with Enter and resolves with the run', async () => {
    const { submit, result } = open();
    await opened();
    await fill(/^lr/, '-0.5');
    await fill(/^label/, "it's");
    await userEvent.selectOptions(screen.getByLabelText(/^shuffle/), 'false');
    await userEvent.click(screen.getByLabelText(/cached results/));
    await userEvent.click(screen.getByLabelText('Run name'));
    await userEvent.keyboard('{Enter}');
    expect(await result).toBe(RUN);
    expect(submit.mock.calls[0]?.[0]).toEqual({
      name: 'digits-1',
      parameters: { lr: -0.5, layers: [64, 32], shuffle: false, label: "it's" },
      experimentId: undefined,
      caching: false
    });
  });

  it('says at the field what is wrong, and does not submit', async () => {
    const { submit } = open();
    await opened();
    await fill(/^lr/, 'fast');
    await fill(/^label/, 'a');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    const field = screen.getByLabelText(/^lr/);
    await waitFor(() => expect(field).toBeInvalid());
    expect(field).toHaveAccessibleDescription(
      'Parameter lr must be a number, for example 0.01. Step size'
    );
    expect(screen.getByText('lr', { selector: 'em' })).toBeInTheDocument();
    expect(field).toHaveFocus();
    expect(submit).not.toHaveBeenCalled();
    await fill(/^lr/, '0.5');
    await waitFor(() => expect(field).toBeValid());
  });

  it('asks for a name and for a required parameter', async () => {
    open();
    await opened();
    await userEvent.clear(screen.getByLabelText('Run name'));
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(await screen.findByText('A name is needed.')).toBeInTheDocument();
    expect(screen.getByLabelText(/^label/)).toBeInvalid();
  });

  it('keeps what was typed when the server refuses, and runs at the second try', async () => {
    const submit = jest
      .fn<Promise<IRun>, [ISubmitValues]>()
      .mockRejectedValueOnce(new Error('The server is not reachable. Start it and try again.'))
      .mockResolvedValueOnce(RUN);
    const { result } = open({ submit });
    await opened();
    await fill(/^label/, 'kept');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    const failure = await screen.findByRole('alert');
    expect(failure).toHaveTextContent('The server is not reachable. Start it and try again.');
    await waitFor(() => expect(failure).toHaveFocus());
    expect(screen.getByLabelText(/^label/)).toHaveValue('kept');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(await result).toBe(RUN);
  });

  it("shows the server's word on a parameter at its field", async () => {
    const refusal = Object.assign(new Error('lr must be below 1.'), { details: { field: 'lr' } });
    open({ submit: () => Promise.reject(refusal) });
    await opened();
    await fill(/^label/, 'a');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    await waitFor(() =>
      expect(screen.getByLabelText(/^lr/)).toHaveAccessibleDescription(/^lr must be below 1\./)
    );
  });

  it('says what is being done, submits once, and aborts when it is left', async () => {
    const submit = jest.fn(
      (_values: ISubmitValues, { progress }: ISubmitContext) =>
        new Promise<IRun>(() => progress('Creating the run…'))
    );
    const { result } = open({ submit, parameters: [] });
    await opened();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('Creating the run…'));
    await userEvent.keyboard('{Enter}');
    expect(submit).toHaveBeenCalledTimes(1);
    await userEvent.keyboard('{Escape}');
    expect(await result).toBeNull();
    expect(submit.mock.calls[0]?.[1].signal.aborted).toBe(true);
  });

  it('takes several lines in a text and leaves Enter to them; Ctrl+Enter submits', async () => {
    const { submit, result } = open({ parameters: PARAMETERS.slice(3) });
    await opened();
    const input = screen.getByLabelText<HTMLInputElement>(/^label/);
    await userEvent.type(input, 'zero');
    input.setSelectionRange(0, 4);
    paste(input, 'one\r\ntwo');
    await waitFor(() => expect(screen.getByLabelText(/^label/).tagName).toBe('TEXTAREA'));
    const field = screen.getByLabelText(/^label/);
    expect(field).toHaveFocus();
    await userEvent.type(field, '{Enter}three');
    expect(submit).not.toHaveBeenCalled();
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await result;
    expect(submit.mock.calls[0]?.[0].parameters).toEqual({ label: 'one\ntwo\nthree' });
  });

  it('uses the experiment that is typed, and creates one that does not exist', async () => {
    const first = open({ parameters: [] });
    await opened();
    await fill(/Pipeline experiment/, 'digits');
    await userEvent.keyboard('{Enter}');
    await first.result;
    expect(first.submit.mock.calls[0]?.[0].experimentId).toBe('e1');

    const second = open({ parameters: [] });
    await opened();
    await fill(/Pipeline experiment/, 'fraud');
    expect(await screen.findByText('A new pipeline experiment will be created.')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await second.result;
    expect(second.experiments.createExperiment).toHaveBeenCalledWith('fraud');
    expect(second.submit.mock.calls[0]?.[0].experimentId).toBe('new');
  });

  it('remembers what was typed until its default changes, and resets by keyboard', async () => {
    const memory = { state: new StateDB(), key: 'form:digits.ipynb' };
    const first = open({ memory });
    await opened();
    await fill(/^lr/, '0.7');
    await fill(/^layers/, '[1]');
    await fill(/^label/, 'mine');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    await first.result;

    const [lr, layers, ...others] = PARAMETERS;
    open({ memory, parameters: [lr!, { ...layers!, default: [8] }, ...others] });
    await opened();
    await waitFor(() => expect(screen.getByLabelText(/^lr/)).toHaveValue('0.7'));
    expect(screen.getByLabelText(/^label/)).toHaveValue('mine');
    expect(screen.getByLabelText(/^layers/)).toHaveValue('[8]');
    screen.getByRole('button', { name: 'Reset to defaults' }).focus();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(screen.getByLabelText(/^lr/)).toHaveValue('0.1'));
    expect(screen.getByLabelText(/^label/)).toHaveValue('');
  });

  describe('with a schedule', () => {
    const scheduling = {
      schedules: true,
      nameLabel: 'Run name',
      action: 'Schedule',
      parameters: []
    };
    const preview = () => document.querySelector('.jp-Kubeflow-Form-preview');

    it('says what the fields mean, and submits it', async () => {
      const { submit, result } = open(scheduling);
      await opened();
      expect(preview()).toHaveTextContent(/^Every dayNext:/);
      await userEvent.selectOptions(screen.getByLabelText('Unit'), 'minutes');
      await fill(/^Every$/, '15');
      await waitFor(() => expect(preview()).toHaveTextContent(/^Every 15 minutesNext:/));
      await fill(/at the same time/, '2');
      await userEvent.click(screen.getByLabelText(/Make up for each time/));
      await userEvent.click(screen.getByRole('button', { name: 'Schedule' }));
      await result;
      expect(submit.mock.calls[0]?.[0].schedule).toEqual({
        schedule: { kind: 'interval', seconds: 900 },
        maxConcurrency: 2,
        catchup: false
      });
    });

    it('says at the field what is wrong with a cron expression, and how KFP reads five fields', async () => {
      const { submit, result } = open(scheduling);
      await opened();
      await userEvent.selectOptions(screen.getByLabelText('Runs start'), 'cron');
      await fill(/Cron expression/, '0 0 25 * * *');
      expect(preview()).toBeEmptyDOMElement();
      await userEvent.click(screen.getByRole('button', { name: 'Schedule' }));
      const field = screen.getByLabelText(/Cron expression/);
      await waitFor(() => expect(field).toBeInvalid());
      expect(field).toHaveAccessibleDescription(/^The hour cannot be “25”:/);
      expect(submit).not.toHaveBeenCalled();
      await fill(/Cron expression/, '0 8 * * *');
      await waitFor(() => expect(field).toBeValid());
      expect(field).toHaveAccessibleDescription(/the first of five fields for the second/);
      expect(preview()).toHaveTextContent(/^Every hour at minute 8/);
      await userEvent.keyboard('{Enter}');
      await result;
      expect(submit.mock.calls[0]?.[0].schedule?.schedule).toEqual({
        kind: 'cron',
        cron: '0 8 * * *'
      });
    });

    it('checks a field when it is left, and only that one', async () => {
      open(scheduling);
      await opened();
      await fill(/^Every$/, '0');
      await userEvent.tab();
      expect(await screen.findByText(/whole number of at least 1/)).toBeInTheDocument();
      expect(screen.getByLabelText(/at the same time/)).toBeValid();
    });
  });
});
