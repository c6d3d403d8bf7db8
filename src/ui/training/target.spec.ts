import type { Args } from '../commands';
import { targetSeed } from './target';

type Services = Parameters<typeof targetSeed>[1];

const FILES = [
  { path: 'a.py', type: 'file' },
  { path: 'b.ipynb', type: 'notebook' },
  { path: 'c.txt', type: 'file' }
];

/** A file browser and an open notebook of two cells; `clicked` is the file or the cell whose menu was opened. */
function services(options: {
  file?: number;
  cell?: number;
  open?: boolean;
  front?: boolean;
  sources?: string[];
}): Services {
  const {
    file,
    cell,
    open = false,
    front = open,
    sources = ['x = 1', 'def train():\n    ...']
  } = options;
  const row = document.createElement('li');
  row.className = 'jp-DirListing-item';
  row.getBoundingClientRect = () => ({ left: 0, top: 0, width: 1, height: 1 }) as DOMRect;
  const browser = {
    node: { contains: () => true },
    modelForClick: () => FILES[file ?? 0],
    selectedItems: () => [FILES[0]][Symbol.iterator]()
  };
  const cells = sources.map((source, index) => {
    const node = document.createElement('div');
    node.className = 'jp-Cell';
    return {
      node,
      model: { type: 'code', id: `c${index}`, sharedModel: { getSource: () => source } }
    };
  });
  const panel = open
    ? { context: { path: 'open.ipynb' }, content: { widgets: cells, activeCell: cells[0] } }
    : null;
  const hit = file !== undefined ? row : cell !== undefined ? cells[cell]!.node : undefined;
  return {
    app: {
      contextMenuHitTest: (test: (node: HTMLElement) => boolean) =>
        hit && test(hit) ? hit : undefined,
      shell: { currentWidget: front ? panel : null }
    },
    notebooks: { currentWidget: panel },
    browsers: { tracker: { find: () => browser, currentWidget: browser } }
  } as unknown as Services;
}

it.each<[string, Args, Parameters<typeof services>[0], unknown]>([
  ['the clicked Python file', { origin: 'file-browser' }, { file: 0 }, { path: 'a.py' }],
  ['the clicked notebook', { origin: 'file-browser' }, { file: 1 }, { path: 'b.ipynb' }],
  ['no other file', { origin: 'file-browser' }, { file: 2 }, null],
  ['what is selected, from the keyboard', { origin: 'file-browser' }, {}, { path: 'a.py' }],
  ['the notebook', { origin: 'notebook' }, { open: true, front: false }, { path: 'open.ipynb' }],
  [
    'the function of the clicked cell',
    { origin: 'cell' },
    { open: true, cell: 1 },
    { path: 'open.ipynb', cell: 'c1' }
  ],
  ['no cell without a function', { origin: 'cell' }, { open: true, cell: 0 }, null],
  [
    'no method',
    { origin: 'cell' },
    { open: true, sources: ['class A:\n    def train(self): ...'] },
    null
  ],
  ['the notebook in front', {}, { open: true }, { path: 'open.ipynb' }],
  ['nothing behind another tab', {}, { open: true, front: false }, null],
  ['what is named', { path: 'x.py' }, {}, { path: 'x.py' }]
])('is about %s', (_, args, options, seed) => {
  expect(targetSeed(args, services(options))).toEqual(seed);
});
