import { StateDB } from '@jupyterlab/statedb';

import { Kept, oneOf } from './kept';

const KEY = 'some-panel';
const SECTIONS = ['one', 'two', 'three'] as const;

type Section = (typeof SECTIONS)[number];

function make(state: StateDB | null) {
  return new Kept<Section>(state, KEY, 'one', oneOf(SECTIONS));
}

/** All that was asked of a database in memory has been answered. */
const answered = () => new Promise(resolve => setTimeout(resolve));

describe('a kept value', () => {
  it('is there again after a reload', async () => {
    const state = new StateDB();
    make(state).set('two');
    const kept = make(state);
    await new Promise<void>(resolve => kept.changed.connect(() => resolve()));
    expect(kept.value).toBe('two');
  });

  it('is the first one when what was saved is none', async () => {
    const state = new StateDB();
    await state.save(KEY, 'seven');
    const kept = make(state);
    const changes: string[] = [];
    kept.changed.connect(each => changes.push(each.value));
    await answered();
    expect(kept.value).toBe('one');
    expect(changes).toEqual([]);
  });

  it('stays what it was set to before what was saved has come', async () => {
    const state = new StateDB();
    await state.save(KEY, 'two');
    const kept = make(state);
    kept.set('three');
    await answered();
    expect(kept.value).toBe('three');
    await expect(state.fetch(KEY)).resolves.toBe('three');
  });

  it('is kept in the page alone without a place to save it', () => {
    const kept = make(null);
    kept.set('two');
    expect(kept.value).toBe('two');
  });
});
