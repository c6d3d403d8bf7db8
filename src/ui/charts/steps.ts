/** Metrics that are an axis rather than a curve. Pure. */

const STEP = /(^|[/_.\- ])(global_?)?(step|epoch|iter(ation)?|batch|round)s?$/i;

/** Whether a metric says by its name how far a training is, such as `epoch` or `train/global_step`, so that others can be drawn over it. */
export function countsSteps(metric: string): boolean {
  return STEP.test(metric);
}
