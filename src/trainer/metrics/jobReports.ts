/** Where the reports of a TrainJob come from: the server's history where it keeps one, else what was seen of the job while it was looked at. */
import { useEffect } from 'react';

import { conditionOf } from '../../client/kubernetes/conditions';
import type { KubernetesClient } from '../../client/kubernetes/client';
import type { ITrainJob } from '../../client/kubernetes/kinds';
import { keepsReports, lastReport, reportsOf } from '../../client/kubernetes/trainerReports';
import { Reports } from './reports';

/** Milliseconds between two questions for what is new. */
const PAUSE = 500;

/** What there is to draw. A new object after each change. */
export interface IReportState {
  readonly reports: Reports;
  /** `server`: all that was reported. `session`: what was seen since `since`. Undefined until that is known. */
  readonly source: 'server' | 'session' | undefined;
  /** Since when they are collected, in milliseconds since the epoch. */
  readonly since: number;
  /** Why the server's history could not be read. */
  readonly error: unknown;
  /** When the job was resumed, in milliseconds since the epoch, ascending: the last time, and each that was seen. */
  readonly resumptions: readonly number[];
}

/** The reports of one TrainJob. */
export class JobReports {
  constructor(
    private readonly client: KubernetesClient,
    private readonly name: { name: string; namespace?: string }
  ) {}

  /** What there is to draw now. */
  readonly snapshot = (): IReportState => this.state;

  /** Calls `listener` after each change; returns the function that ends this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes the last report of the job as it is now. */
  note(job: ITrainJob): void {
    this.noteResumption(job);
    if (job.status?.trainerStatus === this.status) {
      return;
    }
    this.status = job.status?.trainerStatus;
    const report = lastReport(job);
    const told = report && JSON.stringify(report);
    if (!report || told === this.told) {
      return;
    }
    this.told = told;
    this.seen.add([report]);
    if (this.state.source === 'session') {
      this.set({});
    }
  }

  /**
   * Reads what is new, where the server keeps it; asked for again while it reads, it goes on. Never rejects: a failure is in the state, and
   * what was seen stands in for what could not be read.
   */
  async read(signal: AbortSignal): Promise<void> {
    this.asked = true;
    this.signal = signal;
    if (this.reading) {
      return;
    }
    this.reading = true;
    while (this.asked && !this.signal.aborted) {
      this.asked = false;
      await this.readOnce(this.signal);
      await new Promise(resolve => setTimeout(resolve, PAUSE));
    }
    this.reading = false;
  }

  private async readOnce(signal: AbortSignal): Promise<void> {
    try {
      if (await keepsReports(this.client)) {
        await this.readAll(signal);
      } else {
        this.set({ source: 'session', error: null });
      }
    } catch (error) {
      if (!signal.aborted) {
        this.set({ source: this.state.source ?? 'session', error });
      }
    }
  }

  /** A first page is shown at once, all others together: each time, everything is drawn anew. */
  private async readAll(signal: AbortSignal): Promise<void> {
    for (let more = true; more;) {
      const first = this.state.source !== 'server';
      const page = await reportsOf(this.client, this.name, this.from, signal);
      this.kept.add(page.items);
      this.from = page.since;
      more = page.more;
      if (first || !more) {
        this.set({ source: 'server', error: null });
      }
    }
  }

  private noteResumption(job: ITrainJob): void {
    const { status, reason, lastTransitionTime = '' } = conditionOf(job, 'Suspended') ?? {};
    const at = status === 'False' && reason === 'Resumed' ? Date.parse(lastTransitionTime) : NaN;
    const { resumptions } = this.state;
    if (!Number.isNaN(at) && !resumptions.includes(at)) {
      this.set({ resumptions: [...resumptions, at].sort((one, other) => one - other) });
    }
  }

  private set(change: Partial<Pick<IReportState, 'source' | 'error' | 'resumptions'>>): void {
    const source = change.source ?? this.state.source;
    const reports = source === 'server' ? this.kept : this.seen;
    this.state = { ...this.state, ...change, source, reports };
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  private readonly seen = new Reports();
  private readonly kept = new Reports();
  private readonly listeners = new Set<() => void>();
  private from: string | undefined;
  private status: NonNullable<ITrainJob['status']>['trainerStatus'];
  private told: string | undefined;
  private asked = false;
  private signal: AbortSignal | undefined;
  private reading = false;
  private state: IReportState = {
    reports: this.seen,
    source: undefined,
    since: Date.now(),
    error: null,
    resumptions: []
  };
}

const known = new WeakMap<KubernetesClient, Map<string, JobReports>>();

/** The reports of a job: the same for all who ask, as long as the connection lasts, so that what was seen of it stays. */
export function reportsFor(client: KubernetesClient, job: ITrainJob): JobReports {
  let jobs = known.get(client);
  if (!jobs) {
    known.set(client, (jobs = new Map()));
  }
  const { uid = '', name = '', namespace } = job.metadata ?? {};
  let reports = jobs.get(uid);
  if (!reports) {
    jobs.set(uid, (reports = new JobReports(client, { name, namespace })));
  }
  return reports;
}

/** Notes what these jobs report while a view shows them, so that it is there when one of them is opened. */
export function useNoted(client: KubernetesClient, jobs: readonly ITrainJob[]): void {
  useEffect(() => {
    for (const job of jobs) {
      if (job.status?.trainerStatus) {
        reportsFor(client, job).note(job);
      }
    }
  }, [client, jobs]);
}
