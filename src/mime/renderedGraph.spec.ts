import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { IPipelinesClient } from '../client/pipelines';
import { GRAPH_MIME_TYPE } from '../graph/schema';
import { graphWords } from '../graph/translatedWords';
import { RenderedGraph } from './renderedGraph';

const graph = {
  version: 1,
  title: 'digits 1',
  nodes: [{ id: 'root.train', kind: 'runtime', label: 'train', state: 'running' }],
  edges: [],
  source: { api: 'kfp/v2beta1', runId: 'r1', state: 'running', asOf: '2026-01-01T14:02:00' }
};
const spec = {
  pipelineInfo: { name: 'p' },
  root: { dag: { tasks: { train: { taskInfo: { name: 'train' } } } } }
};

// Everything is in view here.
beforeAll(() => {
  delete (globalThis as { IntersectionObserver?: unknown }).IntersectionObserver;
});

let widget: RenderedGraph;
afterEach(() => widget.dispose());

async function render(data: unknown, trusted: boolean, pipelines: jest.Mock) {
  const trans = nullTranslator.load('jupyterlab_kubeflow');
  widget = new RenderedGraph(GRAPH_MIME_TYPE, {
    trans,
    words: graphWords(trans),
    pipelines,
    openRun: () => null
  });
  Widget.attach(widget, document.body);
  const model = { data: { [GRAPH_MIME_TYPE]: data }, metadata: {}, trusted, setData: () => {} };
  await widget.renderModel(model as never);
}

async function until(test: () => void): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    try {
      return test();
    } catch (error) {
      if (turn > 200) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
}

it('shows a snapshot in an untrusted notebook and asks nobody', async () => {
  const pipelines = jest.fn();
  await render(graph, false, pipelines);
  expect(widget.node.textContent).toMatch(/Snapshot of .*02/);
  expect(widget.node.querySelector('[role="treeitem"]')).not.toBeNull();
  expect(pipelines).not.toHaveBeenCalled();
});

it('reads the run again in a trusted notebook until it has ended', async () => {
  const getRun = jest.fn(async () => ({
    id: 'r1',
    name: 'x',
    state: 'succeeded',
    pipelineSpec: spec
  }));
  const getTasks = jest.fn(async () => []);
  await render(
    graph,
    true,
    jest.fn(async () => ({ getRun, getTasks }) as unknown as IPipelinesClient)
  );
  await until(() =>
    expect(widget.node.querySelector('[role="treeitem"]')!.getAttribute('data-state')).toBe(
      'skipped'
    )
  );
  expect(getRun).toHaveBeenCalledTimes(1);
  expect(widget.node.textContent).toContain('Succeeded');
  expect(widget.node.textContent).not.toContain('Snapshot');
});

it('keeps the snapshot and says why when the run cannot be read', async () => {
  await render(
    graph,
    true,
    jest.fn(async () => Promise.reject(new Error('no network')))
  );
  await until(() => expect(widget.node.textContent).toContain('Offline: no network'));
  expect(widget.node.querySelector('[role="treeitem"]')).not.toBeNull();
});

it.each([
  [{ version: 2, nodes: [], edges: [] }, 'version 2'],
  [{ version: 1, nodes: {}, edges: [] }, '"nodes"'],
  ['text', 'not a graph document']
])('says in words why %j cannot be drawn', async (data, words) => {
  await render(data, false, jest.fn());
  expect(widget.node.querySelector('[role="alert"]')!.textContent).toContain(words);
});
