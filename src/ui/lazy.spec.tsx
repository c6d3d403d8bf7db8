import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { screen } from '@testing-library/dom';
import userEvent from '@testing-library/user-event';

import { LazyWidget } from './lazy';

const trans = nullTranslator.load('jupyterlab_kubeflow');

function show(load: () => Promise<JSX.Element>) {
  const widget = new LazyWidget(load, trans);
  Widget.attach(widget, document.body);
  return widget;
}

describe('LazyWidget', () => {
  it('says what to do when its code is gone from the server, and tries again', async () => {
    const gone = Object.assign(new Error('Loading chunk 608 failed.'), { name: 'ChunkLoadError' });
    const load = jest.fn(async () => <p>Here</p>);
    load.mockRejectedValueOnce(gone);
    const widget = show(load);
    const problem = await screen.findByRole('alert');
    expect(problem).toHaveTextContent(
      'JupyterLab or the extension was updated since this page was opened. Reload the page.'
    );
    expect(problem).not.toHaveTextContent('chunk');
    expect(screen.getByRole('button', { name: 'Reload' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await screen.findByText('Here')).toBeInTheDocument();
    expect(screen.queryByRole('alert')).toBeNull();
    widget.dispose();
  });

  it('says why else a view could not be made', async () => {
    const widget = show(() => Promise.reject(new Error('Run digits is gone.')));
    expect(await screen.findByRole('alert')).toHaveTextContent('Run digits is gone.');
    widget.dispose();
  });

  it('takes the keyboard where it is not yet within', async () => {
    const widget = show(() =>
      Promise.resolve(
        <>
          <button>First</button>
          <input aria-label="Filter" />
        </>
      )
    );
    const filter = await screen.findByRole('textbox', { name: 'Filter' });
    MessageLoop.sendMessage(widget, Widget.Msg.ActivateRequest);
    expect(screen.getByRole('button', { name: 'First' })).toHaveFocus();
    filter.focus();
    MessageLoop.sendMessage(widget, Widget.Msg.ActivateRequest);
    expect(filter).toHaveFocus();
    widget.dispose();
  });
});
