import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStudy, ITrial } from '../model/study';

/** What every chart tab of a tuning experiment is given. */
export interface IChartTabProps {
  trans: TranslationBundle;
  study: IStudy;
  /** Whether it is on the screen: nothing is read or drawn while it is not. */
  visible: boolean;
  /** The names of the trials chosen in any view of the experiment; empty when none is. */
  selected: ReadonlySet<string>;
  /** Chooses these trials, by name, in all views in place of those chosen before. */
  onSelect: (names: ReadonlySet<string>) => void;
  /** Opens a trial's detail, by name. */
  onOpen: (name: string) => void;
}

/** What is known of the metrics of one trial over time. */
export interface ISeries {
  /** `history`: all that was reported. `latest`: no history is to be had, the trial's latest values are all there is. */
  readonly source: 'history' | 'latest';
  /** Why there is no history, in a sentence. */
  readonly reason?: string;
  /** The values of each metric in order of time; empty where there is no history. A value that is no number is NaN. */
  readonly metrics: Readonly<Record<string, readonly IReading[]>>;
}

/** One reported value of a metric. */
export interface IReading {
  /** In milliseconds since the epoch. */
  readonly time: number;
  readonly value: number;
}

/** What the tab of metric curves is given. */
export interface ICurvesTabProps extends IChartTabProps {
  /** Reads what is known of a trial's metrics. A rejection is shown, and asking again is offered. */
  series: (trial: ITrial) => Promise<ISeries>;
}
