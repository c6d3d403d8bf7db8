/** @jest-environment node */
import type { IPodMetrics, ITrainJob, Pod } from '../../client/kubernetes/kinds';
import type { ITrainerReport } from '../../client/kubernetes/trainerReports';
import { curvesOf, familyOf, lineOf, parted, placesOf, progressOf, stepsOf } from './curves';
import { JobReports } from './jobReports';
import { remainingOf } from './remaining';
import { numberOf, Reports } from './reports';
import { together, usageOf } from './usage';

const START = Date.UTC(2026, 0, 31, 12);

/** A report `second` seconds after the start. */
const report = (
  second: number,
  metrics: Record<string, string> = {},
  more: Partial<ITrainerReport> = {}
): ITrainerReport => ({ time: new Date(START + 1000 * second).toISOString(), metrics, ...more });

function reportsOf(...all: ITrainerReport[]): Reports {
  const reports = new Reports();
  reports.add(all);
  return reports;
}

it.each([
  ['0.25', 0.25],
  ['1e-05', 1e-5],
  ['-inf', -Infinity],
  ['Infinity', Infinity],
  ['nan', NaN],
  ['warm', NaN],
  [' ', NaN]
])('reads the value %s', (text, value) => {
  expect(numberOf(text)).toBe(value);
});

it.each([
  ['loss', 'loss'],
  ['eval_loss', 'loss'],
  ['train/loss', 'loss'],
  ['loss/val', 'loss'],
  ['validation-accuracy', 'accuracy'],
  ['test_time', 'time'],
  ['latest_value', 'latest_value'],
  ['eval_', 'eval_']
])('takes %s for %s', (name, family) => {
  expect(familyOf(name)).toBe(family);
});

it('draws what belongs together in one chart, over time or a count of steps', () => {
  const reports = reportsOf(
    report(0, { step: '1', loss: '2', eval_loss: '3', note: 'warm', lr: '0.1' }),
    report(1, { step: '2', loss: 'nan' }),
    report(2, { loss: '0.5', lr: '0.01' })
  );
  expect(stepsOf(reports)).toEqual(['step']);
  const curves = curvesOf(reports);
  expect(curves.map(({ family, metrics }) => [family, metrics.map(each => each.name)])).toEqual([
    ['loss', ['loss', 'eval_loss']],
    ['lr', ['lr']]
  ]);
  const [loss] = curves[0]!.metrics;
  expect(lineOf(loss!, placesOf(reports, undefined))).toEqual({
    name: 'loss',
    x: Float64Array.of(START, START + 1000, START + 2000),
    y: Float64Array.of(2, NaN, 0.5)
  });
  const places = placesOf(reports, 'step');
  expect(places).toEqual([1, 2, NaN]);
  expect(lineOf(loss!, places).x).toEqual(Float64Array.of(1, 2));
  expect(reports.metrics.get('note')?.last).toBe('warm');
});

it('draws the progress of the reports that have one', () => {
  const reports = reportsOf(
    report(0, {}, { progressPercentage: 0 }),
    report(1),
    report(2, {}, { progressPercentage: 50 })
  );
  const { x, y } = progressOf('Progress', reports, reports.times);
  expect([...x]).toEqual([START, START + 2000]);
  expect([...y]).toEqual([0, 50]);
});

it('leaves out a report without a time', () => {
  const reports = reportsOf({ time: '', metrics: { loss: '1' } });
  expect([reports.count, reports.metrics.size]).toEqual([0, 0]);
});

describe('the time that is left', () => {
  const now = (second: number) => START + 1000 * second;

  it('is what the training says, less the time since', () => {
    const reports = reportsOf(report(0, {}, { estimatedRemainingSeconds: 60 }));
    expect(remainingOf(reports, now(10))).toEqual({ ms: 50_000, by: 'training' });
    expect(remainingOf(reports, now(100))).toEqual({ ms: 0, by: 'training' });
  });

  it('follows from the progress where it says nothing', () => {
    const reports = reportsOf(
      report(0, {}, { progressPercentage: 0 }),
      report(10, {}, { progressPercentage: 20 }),
      report(11)
    );
    expect(remainingOf(reports, now(12))).toEqual({ ms: 38_000, by: 'progress' });
  });

  it('does not count what was before a new start', () => {
    const reports = reportsOf(
      report(0, {}, { progressPercentage: 80 }),
      report(100, {}, { progressPercentage: 0 }),
      report(110, {}, { progressPercentage: 10 })
    );
    expect(remainingOf(reports, now(110))).toEqual({ ms: 90_000, by: 'progress' });
  });

  it('is not known without progress, or with too little of it', () => {
    expect(remainingOf(new Reports(), now(0))).toBeUndefined();
    expect(remainingOf(reportsOf(report(0), report(5)), now(5))).toBeUndefined();
    const little = reportsOf(
      report(0, {}, { progressPercentage: 0 }),
      report(10, {}, { progressPercentage: 1 })
    );
    expect(remainingOf(little, now(10))).toBeUndefined();
  });
});

describe('the resumptions of a job', () => {
  const resumed = (at: string, status = 'False'): ITrainJob => ({
    spec: { runtimeRef: { name: 'torch' } },
    status: {
      conditions: [
        { type: 'Suspended', status, reason: 'Resumed', message: '', lastTransitionTime: at }
      ]
    }
  });

  it('are the last one and those that were seen, and break lines over time', () => {
    const reports = new JobReports(null as never, { name: 'a' });
    const [early, late] = ['2026-01-31T12:00:00Z', '2026-01-31T13:00:00Z'];
    reports.note(resumed(late, 'True'));
    expect(reports.snapshot().resumptions).toEqual([]);
    for (const at of [late, early, late]) {
      reports.note(resumed(at));
    }
    const { resumptions } = reports.snapshot();
    expect(resumptions).toEqual([Date.parse(early), Date.parse(late)]);
    const line = { name: 'loss', x: new Float64Array(), y: new Float64Array() };
    expect(parted(line, resumptions).breaks).toEqual(resumptions);
    expect(parted(line, [])).toBe(line);
  });
});

describe('what pods use', () => {
  const pod = (name: string, phase: string, resources: object): Pod => ({
    metadata: { name, uid: name },
    spec: { containers: [{ name: 'node', resources }] },
    status: { phase }
  });
  const measured = (name: string, cpu: string, memory: string): IPodMetrics => ({
    metadata: { name },
    timestamp: '2026-01-31T12:00:00Z',
    window: '10s',
    containers: [{ name: 'node', usage: { cpu, memory } }]
  });

  it('stands beside what they ask for, of those that run', () => {
    const pods = [
      pod('one', 'Running', { requests: { cpu: '500m' }, limits: { cpu: '2', memory: '1Gi' } }),
      pod('two', 'Running', {}),
      pod('ended', 'Succeeded', {})
    ];
    const rows = usageOf(pods, [measured('one', '250000000n', '1024Ki')]);
    expect(rows.map(({ uid, used, asked }) => ({ uid, used, asked }))).toEqual([
      {
        uid: 'one',
        used: { cpu: 0.25, memory: 1024 ** 2 },
        asked: { cpu: 0.5, memory: 1024 ** 3 }
      },
      { uid: 'two', used: {}, asked: {} }
    ]);
  });

  it('is added up where it is known of all', () => {
    expect(together([{ cpu: 1, memory: 2 }, { cpu: 0.5 }])).toEqual({ cpu: 1.5 });
    expect(together([])).toEqual({});
  });
});
