import { readFileSync } from 'fs';
import { join } from 'path';

import { renderGraph } from './render';
import type { IGraphOptions } from './render';
import type { IGraphDocument } from './schema';

const fixture = (name: string): IGraphDocument =>
  JSON.parse(readFileSync(join(__dirname, `fixtures/${name}.json`), 'utf8')).document;

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement('div');
  document.body.append(host);
});
afterEach(() => host.remove());

async function draw(graph: IGraphDocument, options: IGraphOptions = {}) {
  const handle = renderGraph(host, graph, options);
  await handle.ready;
  return handle;
}

const item = (id: string): SVGElement => host.querySelector(`[data-id="${id}"]`)!;
const press = (key: string): boolean =>
  document.activeElement!.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  );

it('says each node with kind, state and time', async () => {
  const handle = await draw(fixture('run-loop'));
  expect(item('root.load').getAttribute('aria-label')).toBe('load, task, succeeded, 41 s');
  expect(item('root.for-loop-2').getAttribute('aria-label')).toContain('×3, 2 done');
  expect(item('root.for-loop-2').getAttribute('aria-expanded')).toBe('true');
  handle.dispose();
  expect(host.childElementCount).toBe(0);
});

it('shows durations as of the time that a snapshot names', async () => {
  const startTime = '2026-01-01T10:00:00Z';
  const source = { api: 'kfp/v2beta1' as const, runId: 'r', asOf: '2026-01-01T10:00:42Z' };
  const nodes = [{ id: 'a', kind: 'runtime', label: 'a', state: 'running', startTime } as const];
  const handle = await draw({ version: 1, nodes: [...nodes], edges: [], source });
  expect(item('a').getAttribute('aria-label')).toBe('a, task, running, 42 s');
  handle.dispose();
});

it('never reads data as markup', async () => {
  const label = '<img src=x onerror=alert(1)>';
  await draw({ version: 1, nodes: [{ id: 'a', kind: 'runtime', label }], edges: [] });
  expect(host.querySelector('img')).toBeNull();
  expect(item('a').getAttribute('aria-label')).toContain(label);
});

it('changes states without moving or replacing anything, and keeps the selection', async () => {
  const graph = fixture('run-chain');
  const handle = await draw(graph, { selected: 'root.train' });
  const before = item('root.train');
  const place = before.getAttribute('transform');
  const nodes = graph.nodes.map(node => ({ ...node, state: 'succeeded' as const }));
  handle.update({ ...graph, nodes });
  expect(item('root.train')).toBe(before);
  expect(before.getAttribute('transform')).toBe(place);
  expect(before.dataset.state).toBe('succeeded');
  expect(before.getAttribute('aria-selected')).toBe('true');
  handle.dispose();
});

it('goes along edges by arrow keys and activates by Enter', async () => {
  const onSelect = jest.fn();
  const onActivate = jest.fn();
  const handle = await draw(fixture('run-chain'), { onSelect, onActivate });
  item('root.load').focus();
  press('ArrowDown');
  press('ArrowDown');
  expect(document.activeElement).toBe(item('root.report'));
  press('ArrowUp');
  expect(onSelect.mock.calls.map(call => call[0])).toEqual([
    'root.train',
    'root.report',
    'root.train'
  ]);
  press('Enter');
  expect(onActivate).toHaveBeenCalledWith('root.train');
  expect(host.querySelectorAll('[role="treeitem"][tabindex="0"]')).toHaveLength(1);
  handle.dispose();
});

it('highlights what comes before and after the selected node', async () => {
  const handle = await draw(fixture('run-conditions'));
  handle.select('root.train');
  const lines = [...host.querySelectorAll<SVGElement>('.jp-mod-path')];
  expect(lines.map(line => line.dataset.to)).toEqual(['root.condition-branches-1']);
  handle.dispose();
});

it('closes and opens a group by keyboard, keeping focus', async () => {
  const handle = await draw(fixture('run-loop'));
  item('root.for-loop-2').focus();
  press('ArrowLeft');
  await new Promise(resolve => setTimeout(resolve));
  expect(item('root.for-loop-2.train')).toBeNull();
  expect(document.activeElement).toBe(item('root.for-loop-2'));
  press('ArrowRight');
  await new Promise(resolve => setTimeout(resolve));
  expect(item('root.for-loop-2.train')).not.toBeNull();
  handle.dispose();
});

it('says that a document has no nodes', async () => {
  await draw({ version: 1, nodes: [], edges: [] });
  expect(host.textContent).toContain('The graph has no nodes.');
});

describe('a large graph', () => {
  const large: IGraphDocument = {
    version: 1,
    nodes: Array.from({ length: 400 }, (_, i) => ({
      id: `n${i}`,
      kind: 'runtime',
      label: `step ${i}`
    })),
    edges: Array.from({ length: 399 }, (_, i) => ({
      id: `e${i}`,
      from: `n${Math.floor(i / 2)}`,
      to: `n${i + 1}`
    }))
  };
  const scale = (): number =>
    Number(
      /scale\((.*)\)/.exec(
        host.querySelector('.jp-Kubeflow-graph-view > g')!.getAttribute('transform')!
      )![1]
    );

  it('is drawn whole, opens legibly and fits on demand', async () => {
    const handle = await draw(large);
    expect(host.querySelectorAll('[role="treeitem"]')).toHaveLength(400);
    expect(host.querySelectorAll('.jp-Kubeflow-graph-edge')).toHaveLength(399);
    const opened = scale();
    handle.fit();
    expect(scale()).toBeLessThan(opened / 2);
    handle.dispose();
  });

  it('shows the document of the last update, also when that comes while it is drawn', async () => {
    const handle = renderGraph(host, large);
    handle.update({ version: 1, nodes: large.nodes.slice(0, 3), edges: [] });
    await handle.ready;
    await new Promise(resolve => setTimeout(resolve));
    expect(
      [...host.querySelectorAll('[role="treeitem"]')].map(one => one.getAttribute('data-id'))
    ).toEqual(['n0', 'n1', 'n2']);
    handle.dispose();
  });
});
