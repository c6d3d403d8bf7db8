/** A chart's numbers as a file. Pure. */
import { type IAxis, type ISeries, rowsOf } from './series';

/** All points, exactly: RFC 4180 with a header; times as ISO 8601 in UTC, an empty field where a series has no point. */
export function csvOf(x: IAxis, series: readonly ISeries[]): string {
  const rows = rowsOf(series).map(row => [
    x.unit === 'time' ? new Date(row.x).toISOString() : String(row.x),
    ...row.values.map(value => String(value ?? ''))
  ]);
  return csv([[x.label, ...series.map(each => each.name)], ...rows]);
}

/** Rows of texts as RFC 4180 has them. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map(row => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
