/**
 * What trials of Katib have reported over time, and their kept logs: what no object of the Kubernetes API holds. Which component has them is a
 * matter of the active connection (docs/architecture.md, Katib).
 */
import type { IConnection } from './connection';
import { ApiError } from './errors';
import type { IJupyterServer } from './jupyter';
import type { ITransport } from './transport';

/** One value that a trial has reported. */
export interface IObservation {
  readonly metric: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** `NaN` for a report that is no number. */
  readonly value: number;
}

/** All that was reported, in the order of times, or why that cannot be had. */
export type TrialSeries =
  | {
      /** `katib-ui` tells times to the second and, of the values of a metric in one second, the best only. */
      readonly source: 'db-manager' | 'katib-ui';
      readonly observations: readonly IObservation[];
    }
  | IUnavailable;

/** What a trial has said, or why that cannot be had. */
export type TrialLog = { readonly source: 'katib-ui'; readonly text: string } | IUnavailable;

/** What no component of the connection gives. */
export interface IUnavailable {
  readonly source: 'none';
  /** Why, in sentences that say what to do. */
  readonly reason: string;
}

/** What the client works with; `IKubeflow` is one. */
export interface IKatibOptions {
  readonly transport: ITransport;
  /** The Jupyter server that speaks to db-manager; without one, only Katib's UI is asked. */
  readonly server?: Pick<IJupyterServer, 'json'>;
  /** What tells which components there are; without one, Katib's UI is taken to be there. */
  readonly connection?: Pick<IConnection, 'state'>;
}

/** Reads series and logs of trials, from db-manager where it can be reached, since it has every value, else from Katib's UI. */
export class KatibClient {
  constructor(options: IKatibOptions) {
    this._options = options;
  }

  /**
   * The series of a Trial. That no component has it, or that the user may not read it, is an answer (`source: 'none'`); rejects with an
   * `ApiError` when the Jupyter server itself does not answer, and with the signal's `AbortError`.
   */
  async series(namespace: string, trial: string, signal?: AbortSignal): Promise<TrialSeries> {
    const { server } = this._options;
    const ui: IWay<TrialSeries> = {
      component: 'katib-ui',
      ask: async () => {
        const table = await this._ask('fetch_hp_job_trial_info', namespace, trial, signal);
        return { source: 'katib-ui', observations: ordered(rowsOf(table)) };
      }
    };
    if (!server) {
      return this._first([ui]);
    }
    const request = { path: '/katib/observations', query: { namespace, trial }, signal };
    const dbManager: IWay<TrialSeries> = {
      component: 'katib-db-manager',
      ask: async () => {
        const { items } = await server.json<{ items: IWireObservation[] }>(request);
        return { source: 'db-manager', observations: ordered(items) };
      }
    };
    return this._first([dbManager, ui]);
  }

  /**
   * What the primary container of a Trial has said, as Katib's UI has it: on a cluster as long as its pod is there, in Local Kubeflow as long as
   * the Trial is. Answers and rejections are as those of `series`. The whole text is held in memory.
   */
  async trialLog(namespace: string, trial: string, signal?: AbortSignal): Promise<TrialLog> {
    const ask = async (): Promise<TrialLog> => {
      const text = await this._ask('fetch_trial_logs', namespace, trial, signal);
      return { source: 'katib-ui', text };
    };
    return this._first([{ component: 'katib-ui', ask }]);
  }

  /** The answer of the first component that gives one. */
  private async _first<T>(ways: readonly IWay<T>[]): Promise<T | IUnavailable> {
    const reasons: string[] = [];
    for (const { component, ask } of ways) {
      const problem = this._missing(component) ?? this._failed(component);
      if (problem !== undefined) {
        reasons.push(problem);
        continue;
      }
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof ApiError) || error.service === 'jupyter') {
          throw error;
        }
        if (error.service === 'kubernetes' && [401, 403, 404].includes(error.status)) {
          // It is about the trial: a component that reads with rights of its own is not to be asked in its stead.
          return { source: 'none', reason: error.message };
        }
        if ([502, 503, 504].includes(error.status)) {
          const state = this._options.connection?.state;
          this._failures.set(component, {
            state,
            until: Date.now() + PAUSE,
            reason: error.message
          });
        }
        reasons.push(error.message);
      }
    }
    return { source: 'none', reason: reasons.join(' ') };
  }

  /** Why a component cannot be asked at all; `undefined` when it can. */
  private _missing(component: Component): string | undefined {
    const { connection } = this._options;
    const told = connection?.state?.components[component];
    return !connection || told?.available ? undefined : (told?.reason ?? UNKNOWN);
  }

  /** Why a component that could not be reached is not asked again now: for a while, as long as the connection is the same. */
  private _failed(component: Component): string | undefined {
    const failure = this._failures.get(component);
    const holds = failure && failure.state === this._options.connection?.state;
    return holds && Date.now() < failure.until ? failure.reason : undefined;
  }

  /** The text that a route of Katib's UI answers with. */
  private async _ask(
    route: string,
    namespace: string,
    trialName: string,
    signal?: AbortSignal
  ): Promise<string> {
    const path = `/katib/${route}/`;
    const query = { namespace, trialName };
    const text = await this._options.transport.json<unknown>('katib-ui', { path, query, signal });
    if (typeof text !== 'string') {
      throw new ApiError({
        service: 'katib-ui',
        status: 502,
        reason: 'UpstreamInvalid',
        message:
          'Katib’s UI server did not answer with a text. Check the address of the connection.'
      });
    }
    return text;
  }

  private readonly _options: IKatibOptions;
  private readonly _failures = new Map<Component, IFailure>();
}

type Component = 'katib-db-manager' | 'katib-ui';

/** A component, and how it is asked. */
interface IWay<T> {
  readonly component: Component;
  readonly ask: () => Promise<T>;
}

interface IFailure {
  readonly state: unknown;
  readonly until: number;
  readonly reason: string;
}

/** As both components write it: texts, the time as RFC 3339. */
interface IWireObservation {
  metric: string;
  time: string;
  value: string;
}

/** Milliseconds for which a component that could not be reached is left alone. */
const PAUSE = 30_000;

/** With this, Katib says that a trial has reported nothing. */
const NOTHING = 'unavailable';

const UNKNOWN = 'The connection has not told yet whether it has Katib’s components.';

function ordered(items: readonly IWireObservation[]): IObservation[] {
  return items
    .filter(item => item.value !== NOTHING)
    .map(item => ({
      metric: item.metric,
      time: Date.parse(item.time),
      value: numberOf(item.value)
    }))
    .filter(item => !Number.isNaN(item.time))
    .sort((a, b) => a.time - b.time);
}

/** A number as Go and Python write it. */
function numberOf(text: string): number {
  const infinite = /^\s*([+-]?)inf(inity)?\s*$/i.exec(text);
  if (infinite) {
    return infinite[1] === '-' ? -Infinity : Infinity;
  }
  return text.trim() === '' ? NaN : Number(text);
}

/** The rows of the table `metricName,time,value`. Nothing is quoted in it, so a name may have commas; times are UTC without saying so. */
function rowsOf(table: string): IWireObservation[] {
  return table
    .split('\n')
    .slice(1)
    .map(row => /^(.*),([^,]*),([^,]*)$/.exec(row))
    .filter(parts => parts !== null)
    .map(([, metric = '', time = '', value = '']) => ({
      metric,
      time: /(Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`,
      value
    }));
}
