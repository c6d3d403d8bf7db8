import { unreachable } from '../../client/errors';
import { status } from '../../testing/fakeKubernetes';
import type { IPodLogOptions } from '../../client/kubernetes/podLog';
import { stripAnsi } from '../ansi';
import { logFile } from './logFile';
import { type ILogSource, LABEL_END, PodLogModel } from './podLogModel';

const T = (second: number) => `2026-11-20T10:00:0${second}Z`;

const source = (pod: string, change: Partial<ILogSource> = {}): ILogSource => ({
  key: pod,
  label: pod,
  pod: { namespace: 'ns', name: pod },
  container: 'node',
  previous: false,
  ended: true,
  ...change
});

/** Reads the logs that are given by pod: one answer for each time that it is asked. */
function reader(answers: Record<string, ((options: IPodLogOptions) => AsyncIterable<string>)[]>) {
  const asked: (IPodLogOptions & { pod: string })[] = [];
  return {
    asked,
    log: ({ name }: { name: string }, options: IPodLogOptions = {}) => {
      asked.push({ pod: name, ...options });
      return answers[name]!.shift()!(options);
    }
  };
}

const says = (...chunks: string[]) =>
  async function* () {
    yield* chunks;
  };

const linesOf = (model: PodLogModel) =>
  model.snapshot().buffer.text().replaceAll(LABEL_END, '').trimEnd().split('\n');

/** Resolves when the model's state is as wanted. */
function until(model: PodLogModel, wanted: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const end = model.subscribe(() => wanted() && (end(), resolve()));
    if (wanted()) {
      end();
      resolve();
    }
  });
}

it('merges logs by time, each line with its pod, whatever arrives first', async () => {
  const logs = reader({
    a: [says(`${T(1)} one\n${T(3)} three\n`)],
    b: [says(`${T(2)} two`, `\n${T(4)} 10 %\r20 %\n`)]
  });
  const model = new PodLogModel(logs, { tailLines: 7 });
  model.setSources([source('a'), source('b')]);
  model.setVisible(true);
  await until(model, () => model.snapshot().ended === 2);
  await until(model, () => linesOf(model).length === 4);
  expect(linesOf(model)).toEqual(['a one', 'b two', 'a three', 'b 20 %']);
  expect(logs.asked[0]).toMatchObject({ timestamps: true, tailLines: 7, container: 'node' });
  model.dispose();
});

it('goes on where it stopped after an interruption, and repeats nothing', async () => {
  const logs = reader({
    a: [
      async function* () {
        yield `${T(1)} one\n${T(2)} two\n${T(2)} two again\n`;
        throw unreachable('kubernetes');
      },
      says(`${T(1)} one\n${T(2)} two\n${T(2)} two again\n${T(2)} two at last\n${T(3)} three\n`)
    ]
  });
  const model = new PodLogModel(logs);
  model.setSources([source('a', { label: '' })]);
  model.setVisible(true);
  await until(model, () => model.snapshot().trouble !== undefined);
  await until(model, () => linesOf(model).length === 5);
  expect(linesOf(model)).toEqual(['one', 'two', 'two again', 'two at last', 'three']);
  expect(logs.asked[1]).toMatchObject({ sinceTime: T(2) });
  expect(model.snapshot().trouble).toBeUndefined();
  model.dispose();
});

it('rests while it is hidden, and says which log cannot be read', async () => {
  let stopped = false;
  const logs = reader({
    a: [
      async function* ({ signal }) {
        yield `${T(1)} one\n`;
        await new Promise(resolve => signal?.addEventListener('abort', resolve));
        stopped = true;
      }
    ],
    b: [
      async function* () {
        yield '';
        throw status(403, 'Forbidden', 'no');
      }
    ]
  });
  const model = new PodLogModel(logs);
  model.setSources([source('a', { ended: false }), source('b')]);
  expect(logs.asked).toEqual([]);
  model.setVisible(true);
  await until(model, () => model.snapshot().failures.has('b') && linesOf(model)[0] === 'a one');
  model.setVisible(false);
  await until(model, () => stopped);
});

it('ends colours with their line', async () => {
  const model = new PodLogModel(reader({ a: [says(`${T(1)} \x1b[31mred\n${T(2)} plain\n`)] }));
  model.setSources([source('a')]);
  model.setVisible(true);
  await until(model, () => linesOf(model).length === 2);
  const [red, plain] = model.snapshot().buffer.lines;
  expect(red?.text).toContain('\x1b[31m');
  expect(plain?.style).toEqual({});
  expect(stripAnsi(plain!.text)).toContain('plain');
  model.dispose();
});

it('gives whole logs as one file in the order of their times', async () => {
  const logs = reader({ a: [says(`${T(1)} one\n${T(3)} three\n`)], b: [says(`${T(2)} two\n`)] });
  const file = await logFile(logs, [source('a'), source('b')]);
  const text = await new Promise(resolve => {
    const read = new FileReader();
    read.onload = () => resolve(read.result);
    read.readAsText(file);
  });
  expect(text).toBe(`${T(1)} a/node one\n${T(2)} b/node two\n${T(3)} a/node three\n`);
});
