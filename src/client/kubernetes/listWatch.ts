/**
 * A list that stays up to date: it lists, watches from there, goes on after interruptions, and begins anew when it was away too long.
 *
 * It works only while somebody looks (`subscribe`). One notification is given for all events of a frame.
 */
import { delay } from '../delay';
import { ApiError, isAborted, isForbidden, isNotFound } from '../errors';
import { listed, watched } from './listState';
import type { IListState } from './listState';
import type { IKubernetesObject } from './object';
import type { ISelection, ResourceClient } from './resource';
import type { WatchEvent } from './watch';

/** What a reader sees. */
export interface IListSnapshot<T extends IKubernetesObject> {
  /** By uid; empty until the first list is there. The same map as long as nothing changed. */
  readonly items: ReadonlyMap<string, T>;
  /**
   * - `loading`: the first list is not there yet
   * - `live`: up to date
   * - `stale`: interrupted, tries again; `error` says why
   * - `stopped`: tries no more (401, 403, 404); `error` says why
   * - `paused`: nobody looks
   */
  readonly status: 'loading' | 'live' | 'stale' | 'stopped' | 'paused';
  readonly error?: unknown;
}

/** Times in milliseconds, and who gives the frames; tests set them. */
export interface IListWatchOptions {
  /** The first wait after a failure; doubled each time up to `longest`, and shortened by chance to between a half and the whole. */
  shortest?: number;
  longest?: number;
  /** Calls back once, with the next frame. */
  frame?: (callback: () => void) => void;
  random?: () => number;
}

const SHORTEST = 500;
const LONGEST = 30_000;

/** One list-watch, shared by all its readers. */
export class ListWatch<T extends IKubernetesObject> {
  constructor(
    private readonly _resource: ResourceClient<T>,
    private readonly _selection: ISelection,
    options: IListWatchOptions = {}
  ) {
    this._options = {
      shortest: SHORTEST,
      longest: LONGEST,
      frame: nextFrame,
      random: Math.random,
      ...options
    };
  }

  /** What is known now. The same value until something changes. */
  get snapshot(): IListSnapshot<T> {
    return this._snapshot;
  }

  /** How many look at it. */
  get readers(): number {
    return this._listeners.size;
  }

  /** Looks at it: `listener` is called after each change. Answers what ends that. */
  subscribe(listener: () => void): () => void {
    const own = () => listener();
    this._listeners.add(own);
    if (this._listeners.size === 1) {
      this._start();
    }
    return () => {
      if (this._listeners.delete(own) && this._listeners.size === 0) {
        this._stop();
      }
    };
  }

  /** Tries again at once, as after a stop or during a wait. */
  retry(): void {
    if (this._listeners.size > 0) {
      this._stop();
      this._start();
    }
  }

  private _start(): void {
    const work = new AbortController();
    this._work = work;
    this._show({ status: this._state ? 'stale' : 'loading', error: undefined });
    void this._run(work.signal);
  }

  private _stop(): void {
    this._work?.abort();
    this._work = undefined;
    this._apply();
    this._show({ status: 'paused', error: undefined });
  }

  private async _run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (!this._state) {
          await this._list(signal);
          failures = 0;
        }
        const heard = await this._watch(signal, () => {
          failures = 0;
        });
        if (!heard && !(await this._wait(1, signal))) {
          return;
        }
      } catch (error) {
        if (signal.aborted || isAborted(error)) {
          return;
        }
        this._apply();
        if (isForbidden(error) || isNotFound(error)) {
          this._show({ status: 'stopped', error });
          return;
        }
        if (isExpired(error)) {
          this._state = undefined;
          if (failures++ === 0) {
            continue;
          }
        } else {
          failures++;
        }
        if (failures > 1 || !this._state) {
          this._show({ status: 'stale', error });
        }
        if (!(await this._wait(failures, signal))) {
          return;
        }
      }
    }
  }

  /** Reads all pages. What was known stays visible until they are there. */
  private async _list(signal: AbortSignal): Promise<void> {
    const objects: T[] = [];
    let resourceVersion = '';
    for await (const page of this._resource.pages({ ...this._selection, signal })) {
      objects.push(...page.items);
      resourceVersion = page.resourceVersion;
    }
    signal.throwIfAborted();
    this._state = listed(this._before, objects, resourceVersion);
    this._before = this._state;
    this._show({ status: 'live', error: undefined });
  }

  /** Watches until the server ends it; whether it has said anything. */
  private async _watch(signal: AbortSignal, onEvent: () => void): Promise<boolean> {
    let heard = false;
    const state = this._state!;
    const resourceVersion = this._queued.at(-1)?.version ?? state.resourceVersion;
    const events = this._resource.watch({ ...this._selection, resourceVersion, signal });
    if (this._snapshot.status !== 'live') {
      this._show({ status: 'live', error: undefined });
    }
    for await (const event of events) {
      heard = true;
      onEvent();
      this._queue(event);
    }
    this._apply();
    return heard;
  }

  private _queue(event: WatchEvent<T>): void {
    const version =
      event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata?.resourceVersion;
    this._queued.push({ event, version });
    if (this._queued.length === 1) {
      this._options.frame(() => this._apply());
    }
  }

  /** Puts the queued events into the state. */
  private _apply(): void {
    if (this._queued.length === 0 || !this._state) {
      return;
    }
    const events = this._queued.splice(0).map(each => each.event);
    this._state = watched(this._state, events);
    this._before = this._state;
    this._show({});
  }

  private _show(change: Partial<IListSnapshot<T>>): void {
    const items = this._before?.items ?? this._snapshot.items;
    const next = { ...this._snapshot, ...change, items };
    const { snapshot } = this;
    if (
      next.items === snapshot.items &&
      next.status === snapshot.status &&
      next.error === snapshot.error
    ) {
      return;
    }
    this._snapshot = next;
    for (const listener of [...this._listeners]) {
      listener();
    }
  }

  /** Waits, longer after each failure; false when nobody looks any more. */
  private async _wait(failures: number, signal: AbortSignal): Promise<boolean> {
    const { shortest, longest, random } = this._options;
    const whole = Math.min(longest, shortest * 2 ** (failures - 1));
    try {
      await delay(whole * (0.5 + random() / 2), signal);
      return true;
    } catch {
      return false;
    }
  }

  private readonly _options: Required<IListWatchOptions>;
  private readonly _listeners = new Set<() => void>();
  private readonly _queued: { event: WatchEvent<T>; version?: string }[] = [];
  private _snapshot: IListSnapshot<T> = { items: new Map(), status: 'paused' };
  private _state?: IListState<T>;
  private _before?: IListState<T>;
  private _work?: AbortController;
}

/** Whether the version to go on from is too old: 410, as an answer or in the stream. */
function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

function nextFrame(callback: () => void): void {
  if (typeof requestAnimationFrame === 'function' && !document.hidden) {
    requestAnimationFrame(callback);
  } else {
    setTimeout(callback, 16);
  }
}
