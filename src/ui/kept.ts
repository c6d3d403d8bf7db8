/** What a panel shows, kept over a reload. */
import type { IStateDB } from '@jupyterlab/statedb';
import type { JSONObject } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import { useSyncExternalStore } from 'react';

/** A value of JSON that is saved whenever it is set, and is there again after a reload. */
export class Kept<T> {
  /**
   * @param state - where it is saved; it is only remembered in the page without
   * @param key - what it is saved under
   * @param value - the value when none was saved
   * @param read - makes of what was saved a value, or `undefined` when it is none
   */
  constructor(
    private readonly state: IStateDB | null,
    private readonly key: string,
    private _value: T,
    read: (saved: unknown) => T | undefined
  ) {
    void this.restore(read);
  }

  /** The value now. */
  get value(): T {
    return this._value;
  }

  /** It has another value, set or restored. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Sets and saves it. */
  readonly set = (value: T): void => {
    this.wasSet = true;
    this._value = value;
    void this.state?.save(this.key, JSON.parse(JSON.stringify(value)) as JSONObject);
    this._changed.emit();
  };

  /** Takes what was saved, unless it was set meanwhile. */
  private async restore(read: (saved: unknown) => T | undefined): Promise<void> {
    const saved = read(await this.state?.fetch(this.key).catch(() => undefined));
    if (saved !== undefined && !this.wasSet) {
      this._value = saved;
      this._changed.emit();
    }
  }

  private wasSet = false;
  private readonly _changed = new Signal<this, void>(this);
}

/** Reads one of some words, such as the sections of a panel; `undefined` for anything else. */
export function oneOf<T extends string>(words: readonly T[]): (saved: unknown) => T | undefined {
  return saved => words.find(word => word === saved);
}

/** The value of a `Kept`; the component is drawn anew when it changes. */
export function useKept<T>(kept: Kept<T>): T {
  return useSyncExternalStore(
    listener => {
      const onChange = () => listener();
      kept.changed.connect(onChange);
      return () => {
        kept.changed.disconnect(onChange);
      };
    },
    () => kept.value
  );
}
