/** Long logs of a real Local Kubeflow, read by ranges. */
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';

import chatty from '../../testing/fixtures/chatty.json';
import { client, ended, find, home, text, until } from '../../testing/contract';

jest.setTimeout(60_000);

/** Bytes of the end that are read. */
const TAIL = 1000;

it('a long log of a running task is read from near its end, followed to its end, and had as a file', async () => {
  const gate = path.join(home, 'gate-chatty');
  const run = await client.createRun({
    name: 'chatty',
    pipelineSpec: chatty,
    parameters: { lines: 20_000, gate },
    caching: false
  });
  const running = await until(
    () => client.getTasks(run),
    tasks => tasks.some(({ name, state }) => name === 'chat' && state === 'running')
  );
  const task = find(running, 'chat');
  const started = await until(
    () => client.taskLogFile(run, task),
    file => file.size > 100_000
  );
  // The file is of what is there now: the task goes on.
  expect((await client.getRun(run.id)).finishedAt).toBeUndefined();
  const whole = await until(
    async () => (await client.taskLogFile(run, task)).text(),
    log => log.includes('started')
  );
  expect(Buffer.byteLength(whole)).toBeGreaterThanOrEqual(started.size);
  expect(whole).toContain('line 0 ✓\n');

  const skipped: number[] = [];
  const options = { follow: true, tail: TAIL, onSkipped: (bytes: number) => skipped.push(bytes) };
  let log = '';
  for await (const part of client.taskLog(run, task, options)) {
    if (log === '') {
      await writeFile(gate, '');
    }
    log += part;
  }
  const finished = await ended(run);
  expect(finished.state).toBe('succeeded');
  const all = await (await client.taskLogFile(finished, task)).text();
  expect(skipped).toHaveLength(1);
  expect(log).toBe(
    Buffer.from(all)
      .subarray(skipped[0])
      .toString()
      .replace(/^\ufffd+/, '')
  );
  expect(log.match(/finished/g)).toHaveLength(1);
  expect(Buffer.byteLength(log)).toBeLessThan(10 * TAIL);

  expect(await text(client.taskLog(finished, task, { follow: true, tail: TAIL }))).toHaveLength(
    Buffer.from(all)
      .subarray(-TAIL)
      .toString()
      .replace(/^\ufffd+/, '').length
  );
  expect(await text(client.taskLog(finished, task, { follow: true, tail: 10_000_000 }))).toBe(all);
});
