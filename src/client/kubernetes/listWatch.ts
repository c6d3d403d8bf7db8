/**
 * A list that stays up to date: it lists, watches from there, goes on after interruptions, and begins anew when it was away too long.
 *
 * It works only while somebody looks (`subscribe`). One notification is given for all events of a frame.
 */
import { list, object } from '../../graph/wire';
import { delay } from '../delay';
import { ApiError } from '../errors';
import { lean, listed, watched } from './listState';
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
   * - `stale`: not up to date: comes back to it, or tries again when `error` says what went wrong
   * - `unwatched`: as it was read last, without following it: this may be listed but not watched (403, 405), as `error` says
   * - `stopped`: tries no more (401, 403, 404, and what else does not go away by itself); `error` says why
   * - `paused`: nobody looks
   */
  readonly status: 'loading' | 'live' | 'stale' | 'unwatched' | 'stopped' | 'paused';
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
/**
 * So many refusals in a row are believed where there was no refusal before: an API server that has just started forbids everything until
 * it has read the roles, and does not know custom resources until it has read their definitions.
 */
const CONVINCING = 5;
/** No server makes us wait longer. */
const LONGEST_ASKED = 300_000;

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
      this._halt();
      this._start();
    }
  }

  /** Lets go of what is known, when nobody looks: the next reader begins with a new list. */
  forget(): void {
    if (this._listeners.size === 0) {
      this._state = undefined;
      this._snapshot = { items: new Map(), status: 'paused' };
    }
  }

  private _start(): void {
    const work = new AbortController();
    this._work = work;
    this._show({ status: this._state ? 'stale' : 'loading', error: undefined });
    void this._run(work.signal);
  }

  private _stop(): void {
    this._halt();
    this._show({ status: 'paused', error: undefined });
  }

  private _halt(): void {
    this._work?.abort();
    this._work = undefined;
    this._apply();
  }

  private async _run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let refusals = 0;
    while (!signal.aborted) {
      const opened = { at: Infinity, heard: false };
      let error: unknown;
      let read = false;
      try {
        if (!this._state || this._expired) {
          await this._list(signal);
          read = true;
        }
        await this._watch(signal, opened);
      } catch (caught) {
        error = caught;
      }
      if (signal.aborted) {
        return;
      }
      this._apply();
      refusals = isFinal(error) ? refusals + 1 : 0;
      if (refusals > 0) {
        // Whether the list is still allowed shows only when it is read.
        this._expired = true;
      }
      if (read && mayNotWatch(error)) {
        this._show({ status: 'unwatched', error });
        return;
      }
      const firstContact = !this._state && failures === 0;
      if (refusals === CONVINCING || (refusals > 0 && firstContact)) {
        this._show({ status: 'stopped', error });
        return;
      }
      const lasted = opened.heard || Date.now() - opened.at >= this._options.longest;
      failures = lasted ? 0 : failures;
      if (lasted && error === undefined) {
        continue;
      }
      failures++;
      if (isExpired(error)) {
        this._expired = true;
        if (failures === 1) {
          continue;
        }
      }
      if (failures > 1 || refusals > 0 || !this._state) {
        this._show({ status: 'stale', error });
      }
      if (!(await this._wait(failures, error, signal))) {
        return;
      }
    }
  }

  /** Reads all pages. What was known stays visible until they are there. */
  private async _list(signal: AbortSignal): Promise<void> {
    const selected = { ...this._selection, signal };
    let objects: T[] = [];
    let resourceVersion = '';
    try {
      for await (const page of this._resource.pages(selected)) {
        objects.push(...page.items.map(lean));
        resourceVersion = page.resourceVersion;
      }
    } catch (error) {
      if (objects.length === 0 || !isExpired(error)) {
        throw error;
      }
      // The pages' version is gone before all of them are read: all at once, as client-go does.
      ({ items: objects, resourceVersion } = await this._resource.page({ ...selected, limit: 0 }));
    }
    signal.throwIfAborted();
    this._state = listed(this._state, objects, resourceVersion);
    this._expired = false;
    this._show({ status: 'live', error: undefined });
  }

  /** Watches until the server ends it; notes when the server began and whether it said anything. */
  private async _watch(signal: AbortSignal, opened: { at: number; heard: boolean }): Promise<void> {
    const { resourceVersion } = this._state!;
    const onOpen = () => {
      if (!signal.aborted) {
        opened.at = Date.now();
        this._show({ status: 'live', error: undefined });
      }
    };
    const events = this._resource.watch({ ...this._selection, resourceVersion, signal, onOpen });
    for await (const event of events) {
      if (signal.aborted) {
        return;
      }
      opened.heard = true;
      this._queue(event);
    }
  }

  private _queue(event: WatchEvent<T>): void {
    this._queued.push(event);
    if (this._queued.length === 1) {
      this._options.frame(() => this._apply());
    }
  }

  /** Puts the queued events into the state. */
  private _apply(): void {
    if (this._queued.length > 0 && this._state) {
      this._state = watched(this._state, this._queued.splice(0));
      this._show({});
    }
  }

  private _show(change: Partial<IListSnapshot<T>>): void {
    const { snapshot } = this;
    const next = { ...snapshot, ...change, items: this._state?.items ?? snapshot.items };
    if (
      next.items === snapshot.items &&
      next.status === snapshot.status &&
      next.error === snapshot.error
    ) {
      return;
    }
    this._snapshot = next;
    for (const listener of [...this._listeners]) {
      try {
        listener();
      } catch (error) {
        // One reader's mistake is not to end the list of all.
        console.error(error);
      }
    }
  }

  /** Waits, longer after each failure, and no less than the server asks for; false when nobody looks any more. */
  private async _wait(failures: number, error: unknown, signal: AbortSignal): Promise<boolean> {
    const { shortest, longest, random } = this._options;
    const whole = Math.min(longest, shortest * 2 ** (failures - 1));
    const asked = error instanceof ApiError ? 1000 * (error.retryAfter ?? 0) : 0;
    try {
      await delay(Math.max(whole * (0.5 + random() / 2), Math.min(asked, LONGEST_ASKED)), signal);
      return true;
    } catch {
      return false;
    }
  }

  private readonly _options: Required<IListWatchOptions>;
  private readonly _listeners = new Set<() => void>();
  private readonly _queued: WatchEvent<T>[] = [];
  private _snapshot: IListSnapshot<T> = { items: new Map(), status: 'paused' };
  private _state?: IListState<T>;
  /** Whether the state is too old for a watch. */
  private _expired = false;
  private _work?: AbortController;
}

/** Whether the version to go on from is gone: 410, as an answer or in the stream; or is not there yet, as after a restored backup. */
function isExpired(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 410 ||
      list(object(error.details).causes).some(
        cause => object(cause).reason === 'ResourceVersionTooLarge'
      ))
  );
}

/** Whether waiting does not help: it is the credentials, the kind, the question or the configuration that somebody has to change. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.reason === 'NotConfigured' ||
      (error.status >= 400 && error.status < 500 && ![408, 410, 425, 429].includes(error.status)))
  );
}

/** Whether what was asked is refused as such: by RBAC or the proxy, or since the kind has no such verb. */
function mayNotWatch(error: unknown): boolean {
  return error instanceof ApiError && [403, 405].includes(error.status);
}

/** The next frame; of a page that is not shown, which draws none, a little later. */
function nextFrame(callback: () => void): void {
  if (typeof requestAnimationFrame !== 'function') {
    setTimeout(callback, 16);
    return;
  }
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    callback();
  });
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    callback();
  }, 250);
}
