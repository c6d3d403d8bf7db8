import { readFileSync } from 'fs';
import { join } from 'path';
import { act, fireEvent, render, screen } from '@testing-library/react';

import { GraphView } from './react';
import type { IGraphDocument } from './schema';

const graph: IGraphDocument = JSON.parse(
  readFileSync(join(__dirname, 'fixtures/run-chain.json'), 'utf8')
).document;
const ended: IGraphDocument = {
  ...graph,
  nodes: graph.nodes.map(node => ({ ...node, state: 'succeeded' }))
};

const task = (name: RegExp): HTMLElement => screen.getByRole('treeitem', { name });

/** Draws it and waits for the layout. */
async function draw(element: JSX.Element) {
  const view = render(element);
  await act(async () => {
    await screen.findByRole('treeitem', { name: /^train/ });
  });
  return view;
}

it('draws a document and shows another state of it in place', async () => {
  const { rerender } = await draw(<GraphView document={graph} />);
  const before = task(/^train, task, running/);
  rerender(<GraphView document={ended} />);
  expect(task(/^train, task, succeeded/)).toBe(before);
});

it('tells the callback of the latest render what was chosen', async () => {
  const earlier = jest.fn();
  const latest = jest.fn();
  const { rerender } = await draw(<GraphView document={graph} onSelect={earlier} />);
  rerender(<GraphView document={graph} onSelect={latest} />);
  fireEvent.click(task(/^train/));
  expect(latest).toHaveBeenCalledWith('root.train');
  expect(earlier).not.toHaveBeenCalled();
});

it('shows the selection that it is given', async () => {
  const { rerender } = await draw(<GraphView document={graph} selected="root.load" />);
  expect(task(/^load/).getAttribute('aria-selected')).toBe('true');
  rerender(<GraphView document={graph} selected="root.train" />);
  expect(task(/^load/).getAttribute('aria-selected')).toBe('false');
  expect(task(/^train/).getAttribute('aria-selected')).toBe('true');
  rerender(<GraphView document={graph} />);
  expect(task(/^train/).getAttribute('aria-selected')).toBe('false');
});

it('speaks the words that it is given, and leaves nothing behind', async () => {
  const words = { zoomIn: 'Vergrößern' };
  const { container, unmount } = await draw(<GraphView document={graph} words={words} />);
  expect(screen.getByRole('button', { name: 'Vergrößern' })).not.toBeNull();
  unmount();
  expect(container.childElementCount).toBe(0);
});
