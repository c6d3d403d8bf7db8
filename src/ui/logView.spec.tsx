import { readFileSync } from 'node:fs';

import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { giveElementsSize } from '../testing/element-size';
import { LogBuffer } from './logBuffer';
import { LogView } from './logView';

const trans = nullTranslator.load('jupyterlab_kubeflow');

beforeAll(() => giveElementsSize(400, 300));

function show(buffer: LogBuffer, onDownload = jest.fn()) {
  return render(
    <LogView
      trans={trans}
      buffer={buffer}
      version={buffer.version}
      onDownload={onDownload}
      label="Log of train"
      status="The task has ended."
    />
  );
}

describe('LogView', () => {
  it('is drawn in the colours that JupyterLab has for ANSI sequences', () => {
    const rules = readFileSync('node_modules/@jupyterlab/rendermime/style/base.css', 'utf8');
    const style = document.createElement('style');
    style.textContent = /^[^\n]*\.ansi-green-fg \{[^}]*\}/m.exec(rules)![0];
    document.head.append(style);
    const buffer = new LogBuffer();
    buffer.append('\x1b[32mgreen\x1b[0m and plain');
    show(buffer);
    const colour = (text: string) => getComputedStyle(screen.getByText(text)).color;
    expect(colour('green')).toBe('rgb(0, 162, 80)');
    expect(colour('and plain')).not.toBe('rgb(0, 162, 80)');
    style.remove();
  });

  it('shows lines with colours and never as markup', () => {
    const buffer = new LogBuffer();
    buffer.append('\x1b[31mred\x1b[0m\n<b>bold?</b>');
    const { container } = show(buffer);
    expect(screen.getByText('red')).toHaveClass('ansi-red-fg');
    expect(screen.getByText('<b>bold?</b>')).toBeInTheDocument();
    expect(container.querySelector('b')).toBeNull();
    expect(screen.getByRole('log')).toHaveAccessibleName('Log of train');
  });

  it('counts what the search finds and marks it', async () => {
    const buffer = new LogBuffer();
    buffer.append('epoch 1\nloss\nepoch 2');
    const { container } = show(buffer);
    await userEvent.type(screen.getByRole('searchbox'), 'EPOCH');
    expect(screen.getByText('1 of 2')).toBeInTheDocument();
    expect([...container.querySelectorAll('mark')].map(mark => mark.textContent)).toEqual([
      'epoch',
      'epoch'
    ]);
    await userEvent.keyboard('{Enter}');
    expect(screen.getByText('2 of 2')).toBeInTheDocument();
    await userEvent.type(screen.getByRole('searchbox'), 'x');
    expect(screen.getByText('No match')).toBeInTheDocument();
  });

  it('shows the first match as it is typed, and the next ones by Enter', async () => {
    const buffer = new LogBuffer();
    buffer.append(Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n'));
    const { container } = show(buffer);
    const log = screen.getByRole('log');
    const shown = () => container.querySelector('.jp-mod-current')?.textContent;
    Object.defineProperty(log, 'scrollHeight', { value: 500 * 300 });
    log.scrollTo = (to?: ScrollToOptions | number) => {
      log.scrollTop = (to as ScrollToOptions).top ?? 0;
      setTimeout(() => fireEvent.scroll(log));
    };
    await userEvent.type(screen.getByRole('searchbox'), 'line 23');
    expect(screen.getByText('1 of 11')).toBeInTheDocument();
    await waitFor(() => expect(shown()).toBe('line 23'));
    await userEvent.keyboard('{Enter}');
    expect(screen.getByText('2 of 11')).toBeInTheDocument();
    await waitFor(() => expect(shown()).toBe('line 230'));
  });

  it('says how many lines it does not keep and offers all of them', async () => {
    const buffer = new LogBuffer({ lines: 2, characters: 100 });
    buffer.append('a\nb\nc\nd');
    const download = jest.fn();
    show(buffer, download);
    expect(screen.getByText(/The first 2 lines are not shown/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Download log' }));
    expect(download).toHaveBeenCalledTimes(1);
  });

  it('says how much of a long log was not read', async () => {
    const buffer = new LogBuffer({ lines: 2, characters: 100 });
    buffer.skip(1_300_000_000);
    buffer.append('a\nb');
    const { rerender } = show(buffer);
    expect(screen.getByText('The first 1.3 GB of the log are not shown.')).toBeInTheDocument();
    buffer.append('\nc');
    rerender(
      <LogView
        trans={trans}
        buffer={buffer}
        version={buffer.version}
        onDownload={jest.fn()}
        label="Log of train"
      />
    );
    expect(
      screen.getByText('The first 1.3 GB of the log and the line after that are not shown.')
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Download all of it' })).toBeInTheDocument();
  });

  it('says how much it does not keep of a line that never ends', () => {
    const buffer = new LogBuffer({ lines: 2, characters: 5 });
    buffer.append('0123456789');
    show(buffer);
    expect(screen.getByText(/The first 5 characters of the line below/)).toBeInTheDocument();
  });
});
