import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

import { targetPath } from './target';
import type { ITargetSources } from './target';

interface IFile {
  path: string;
  type: string;
}

/** A file browser with one row a file; rows lie below one another, 20 px high. */
function fakeBrowser(files: IFile[], selected: IFile[] = []) {
  const node = document.createElement('div');
  const rows = files.map((_, index) => {
    const row = node.appendChild(document.createElement('li'));
    row.className = 'jp-DirListing-item';
    row.getBoundingClientRect = () => new DOMRect(0, index * 20, 200, 20);
    return row;
  });
  const browser = {
    node,
    modelForClick: (event: MouseEvent) => files[Math.floor(event.clientY / 20)],
    selectedItems: () => selected[Symbol.iterator]()
  };
  return { browser, rows };
}

const A = { path: 'a.ipynb', type: 'notebook' };
const B = { path: 'b.ipynb', type: 'notebook' };
const TEXT = { path: 'c.txt', type: 'file' };

function sources(options: {
  browsers?: ReturnType<typeof fakeBrowser>['browser'][];
  clicked?: HTMLElement;
  open?: string;
  front?: boolean;
}): ITargetSources {
  const { browsers = [], clicked, open, front = true } = options;
  const panel = open ? { context: { path: open } } : null;
  return {
    app: {
      contextMenuHitTest: (test: (node: HTMLElement) => boolean) =>
        clicked && test(clicked) ? clicked : undefined,
      shell: { currentWidget: front ? panel : null }
    } as unknown as ITargetSources['app'],
    notebooks: { currentWidget: panel } as unknown as ITargetSources['notebooks'],
    browsers: {
      tracker: {
        currentWidget: browsers[0] ?? null,
        find: (test: (browser: unknown) => boolean) => browsers.find(test)
      }
    } as unknown as IFileBrowserFactory
  };
}

beforeAll(() => {
  globalThis.DOMRect ??= class {
    constructor(
      readonly left: number,
      readonly top: number,
      readonly width: number,
      readonly height: number
    ) {}
  } as unknown as typeof DOMRect;
});

describe('targetPath', () => {
  it('takes the path that is named', () => {
    expect(targetPath({ path: 'x.ipynb', origin: 'notebook' }, sources({ open: 'a.ipynb' }))).toBe(
      'x.ipynb'
    );
  });

  it('takes the clicked item, not the selection and not another file browser', () => {
    const other = fakeBrowser([TEXT, B], [B]);
    const { browser, rows } = fakeBrowser([B, A], [B]);
    const found = sources({ browsers: [other.browser, browser], clicked: rows[1] });
    expect(targetPath({ origin: 'file-browser' }, found)).toBe('a.ipynb');
  });

  it('takes no file that is not a notebook', () => {
    const { browser, rows } = fakeBrowser([TEXT]);
    const found = sources({ browsers: [browser], clicked: rows[0] });
    expect(targetPath({ origin: 'file-browser' }, found)).toBeNull();
  });

  it('takes the notebook whose menu was used', () => {
    const found = sources({ open: 'a.ipynb', front: false });
    expect(targetPath({ origin: 'notebook' }, found)).toBe('a.ipynb');
  });

  it('takes from the palette only the notebook in front', () => {
    expect(targetPath({}, sources({ open: 'a.ipynb' }))).toBe('a.ipynb');
    expect(targetPath({}, sources({ open: 'a.ipynb', front: false }))).toBeNull();
  });
});
