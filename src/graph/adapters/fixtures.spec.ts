/** The documents that TypeScript and Python agree on (`jupyter_extension/tests/sdk/make_fixtures.py` writes them). */
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import Ajv from 'ajv';

import schema from '../schema.json';
import type { IGraphDocument } from '../schema';
import { tasksFromNative, tasksFromRunDetails } from '../tasks';
import type { ITask } from '../tasks';
import { aggregate, graphFromRun, graphFromSpec, SpecError } from '.';
import type { IRunInfo } from '.';

interface IFixture {
  spec: unknown;
  tasks?: unknown[];
  details?: unknown[];
  run?: IRunInfo;
  document: IGraphDocument;
}

const folder = join(__dirname, '../fixtures');
const fixture = (name: string): IFixture =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const names = readdirSync(folder).map(name => name.replace('.json', ''));
const validate = new Ajv({ strict: false }).compile(schema);

function tasksOf({ spec, tasks, details }: IFixture): ITask[] | undefined {
  return details
    ? tasksFromRunDetails({ pipeline_spec: spec, run_details: { task_details: details } })
    : tasks && tasksFromNative(tasks);
}

it.each(names)('%s', name => {
  const read = fixture(name);
  const { spec, run, document } = read;
  const tasks = tasksOf(read);
  expect(tasks ? graphFromRun(spec, tasks, run) : graphFromSpec(spec)).toEqual(document);
  expect(validate(document) ? [] : validate.errors).toEqual([]);
});

it('reads conditions as one would write them', () => {
  const details = graphFromSpec(fixture('conditions').spec).nodes.flatMap(node =>
    node.kind === 'condition' ? [node.detail] : []
  );
  expect(details.sort()).toEqual(['else', 'else if train > 0.5', 'rows == 10', 'train > 0.9']);
});

it('has the same ids before and during a run', () => {
  const { spec, tasks } = fixture('run-loop');
  const ids = (document: IGraphDocument): string[] => document.nodes.map(node => node.id);
  expect(ids(graphFromRun(spec, tasksFromNative(tasks!)))).toEqual(ids(graphFromSpec(spec)));
});

it('counts the iterations of a loop and names the one that failed', () => {
  const { spec, tasks, run } = fixture('run-loop');
  const graph = graphFromRun(spec, tasksFromNative(tasks!), run);
  const node = (id: string) => graph.nodes.find(one => one.id === id);
  expect(node('root.for-loop-2')).toMatchObject({
    state: 'failed',
    progress: { done: 2, total: 3 },
    detail: 'Iteration 1 failed'
  });
  expect(node('root.for-loop-2.train')).toMatchObject({
    state: 'failed',
    detail: 'Iteration 1 failed: ValueError: no rows',
    refs: { taskId: 'root/for-loop-2/1/train' }
  });
});

it('does not count what was cancelled as done', () => {
  const { spec, tasks, run } = fixture('run-loop-cancelled');
  const loop = graphFromRun(spec, tasksFromNative(tasks!), run).nodes.find(
    one => one.id === 'root.for-loop-2'
  );
  expect(loop).toMatchObject({ state: 'cancelled', progress: { done: 1, total: 3 } });
});

it('has a word for branches, with a spec and without', () => {
  const { spec, tasks } = fixture('run-conditions');
  for (const known of [spec, undefined]) {
    const nodes = graphFromRun(known, tasksFromNative(tasks!)).nodes;
    expect(nodes.find(one => one.kind === 'branch')?.label).toBe('branches');
  }
});

it('shows one iteration of a loop', () => {
  const { spec, tasks } = fixture('run-loop');
  const graph = graphFromRun(spec, tasksFromNative(tasks!), undefined, {
    iterations: { 'root.for-loop-2': 0 }
  });
  const train = graph.nodes.find(one => one.id === 'root.for-loop-2.train')!;
  expect(train.state).toBe('succeeded');
  expect(train.progress).toBeUndefined();
  expect(graph.nodes.find(one => one.id === 'root.for-loop-2')!.iteration).toBe(0);
});

it('draws a run without a spec from its tasks', () => {
  const { tasks } = fixture('run-loop');
  const graph = graphFromRun(undefined, tasksFromNative(tasks!));
  expect(graph.nodes.map(node => [node.id, node.parent])).toContainEqual([
    'root.for-loop-2.train',
    'root.for-loop-2'
  ]);
  expect(validate(graph)).toBe(true);
});

it('takes the first of two documents and what wraps a spec', () => {
  const { spec, document } = fixture('chain');
  expect(graphFromSpec([spec, { platforms: {} }])).toEqual(document);
  expect(graphFromSpec({ pipeline_spec: spec, platform_spec: {} })).toEqual(document);
});

it.each([
  [null, /not a pipeline/],
  ['text', /not a pipeline/],
  [[], /not a pipeline/],
  [{}, /no "root"/],
  [{ kind: 'Workflow', spec: {} }, /KFP 1/],
  [{ root: { dag: { tasks: {} } } }, /no tasks/]
])('refuses %j', (spec, message) => {
  expect(() => graphFromSpec(spec)).toThrow(SpecError);
  expect(() => graphFromSpec(spec)).toThrow(message);
});

it('does not follow a component that holds itself', () => {
  const inner = { dag: { tasks: { again: { componentRef: { name: 'comp' } } } } };
  const graph = graphFromSpec({ root: inner, components: { comp: inner } });
  expect(graph.nodes.map(node => node.id)).toEqual(['root.again', 'root.again.again']);
});

it.each([
  [['succeeded', 'cached'], 'succeeded'],
  [['cached', 'cached'], 'cached'],
  [['skipped', 'skipped'], 'skipped'],
  [['pending', 'succeeded'], 'running'],
  [['running', 'failed'], 'failed'],
  [['cancelled', 'succeeded'], 'cancelled']
] as const)('of %j shows %s', (states, expected) => {
  expect(aggregate(states)).toBe(expected);
});
