/** Tables as files of comma-separated values. Pure. */

/** RFC 4180: lines end with CRLF, a field is quoted where it has to be, and an undefined one is empty. */
export function csvText(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map(row => `${row.map(each => quoted(String(each ?? ''))).join(',')}\r\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
