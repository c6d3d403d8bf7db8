/** Whole logs as a file. */
import type { LogReader, ILogSource } from './podLogModel';
import { type ITimedLine, LineCutter, MergedLines, timedLine } from './mergedLines';

/** All that the server still has of these logs, merged by time where there are several: `TIME LABEL TEXT` a line. Rejects with an `ApiError`. */
export async function logFile(
  reader: LogReader,
  sources: readonly ILogSource[],
  signal?: AbortSignal
): Promise<Blob> {
  if (sources.length === 1) {
    const { pod, container, previous } = sources[0]!;
    const parts: string[] = [];
    const options = { container, previous: previous || undefined, signal };
    for await (const chunk of reader.log(pod, options)) {
      parts.push(chunk);
    }
    return new Blob(parts);
  }
  const parts: string[] = [];
  const names = new Map(sources.map(each => [each.key, `${each.pod.name}/${each.container}`]));
  const merged = new MergedLines((key, { time, text }) => {
    parts.push(`${time} ${names.get(key)} ${text}\n`);
  });
  sources.forEach(each => merged.open(each.key));
  await Promise.all(
    sources.map(async source => {
      for await (const lines of timedLines(reader, source, signal)) {
        lines.forEach(line => merged.push(source.key, line));
        merged.release();
      }
      merged.close(source.key);
    })
  );
  return new Blob(parts);
}

async function* timedLines(
  reader: LogReader,
  { pod, container, previous }: ILogSource,
  signal?: AbortSignal
): AsyncGenerator<ITimedLine[]> {
  const cutter = new LineCutter();
  const options = { container, previous: previous || undefined, timestamps: true, signal };
  for await (const chunk of reader.log(pod, options)) {
    yield cutter.add(chunk).map(timedLine);
  }
  yield cutter.end().map(timedLine);
}
