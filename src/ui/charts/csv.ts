/** A chart's numbers as a file. Pure. */
import { type IAxis, type ISeries, rowsOf } from './series';

/** All points, exactly: RFC 4180 with a header; times as ISO 8601 in UTC, an empty field where a series has no point. */
export function csvOf(x: IAxis, series: readonly ISeries[]): string {
  const lines = [[x.label, ...series.map(each => each.name)].map(quoted).join(',')];
  for (const row of rowsOf(series)) {
    const at = x.unit === 'time' ? new Date(row.x).toISOString() : String(row.x);
    lines.push([at, ...row.values.map(value => value ?? '')].join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
