/**
 * A tuning experiment as the panel, its tables and its charts see it, whichever API it comes from: Katib's Experiment with its Trials
 * (`experiment.ts`) or Trainer's OptimizationJob with its TrainJobs (`optimizationJob.ts`).
 */

/** One dimension of the search space. */
export interface IParameter {
  readonly name: string;
  readonly type: 'double' | 'int' | 'discrete' | 'categorical';
  /** The bounds of a number; left out where the experiment names none. */
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** What a discrete or a categorical parameter may be, in the experiment's order. */
  readonly choices?: readonly string[];
  /** Whether it is drawn, and best shown, by its logarithm. */
  readonly log: boolean;
}

/** What is known of one metric of a trial; a value that is no finite number is left out. */
export interface IMetricValue {
  readonly latest?: number;
  readonly min?: number;
  readonly max?: number;
}

/** How a trial is. */
export type TrialState =
  | 'pending'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'killed'
  | 'early-stopped'
  | 'metrics-unavailable';

/** One try of values from the search space. */
export interface ITrial {
  readonly name: string;
  readonly uid: string;
  /** From 1, by creation. */
  readonly number: number;
  readonly state: TrialState;
  /** The API's sentence, else its word, for why it is so. */
  readonly reason?: string;
  /** The values that it tries, as texts, by the names of the parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, IMetricValue>>;
  /** The objective's value, taken of the metric by the objective's strategy (latest, min or max). */
  readonly objective?: number;
  /** When it began and ended, in milliseconds since the epoch. */
  readonly start?: number;
  readonly end?: number;
}

/** A tuning experiment with what came of it so far. */
export interface IStudy {
  readonly kind: 'Experiment' | 'OptimizationJob';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly objective: {
    readonly metric: string;
    readonly direction: 'maximize' | 'minimize';
    /** The value at which no more trials are begun. */
    readonly goal?: number;
  };
  readonly additionalMetrics: readonly string[];
  /** The algorithm's name, as the API has it. */
  readonly algorithm: string;
  readonly parameters: readonly IParameter[];
  /** In the order of their numbers. */
  readonly trials: readonly ITrial[];
  /** The name of the best trial so far. */
  readonly best?: string;
}
