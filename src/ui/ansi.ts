/** ANSI colours of log lines as plain data, drawn with JupyterLab's own ANSI classes. Everything else that a terminal would obey is dropped. */

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** The style that text is written in. */
export interface IAnsiStyle {
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly foreground?: string;
  readonly background?: string;
}

/** A piece of a line in one style. */
export interface IAnsiSpan {
  text: string;
  style: IAnsiStyle;
}

/** Plain text. */
export const PLAIN: IAnsiStyle = {};

// CSI sequences; OSC sequences with their text; other two-character escapes; control characters but tab.
const ESCAPE =
  // eslint-disable-next-line no-control-regex
  /\x1b\[([0-9;:?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The pieces of one line that begins in `style`, and the style that the next line begins in. */
export function parseAnsi(
  line: string,
  style: IAnsiStyle = PLAIN
): { spans: IAnsiSpan[]; style: IAnsiStyle } {
  const spans: IAnsiSpan[] = [];
  let at = 0;
  const push = (text: string) => {
    const last = spans[spans.length - 1];
    if (text && last && last.style === style) {
      last.text += text;
    } else if (text) {
      spans.push({ text, style });
    }
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === 'm') {
      style = applyCodes(style, match[1] ?? '');
    }
  }
  push(line.slice(at));
  return { spans, style };
}

/** A line without any escape sequence. */
export function stripAnsi(line: string): string {
  return line.replace(ESCAPE, '');
}

/** JupyterLab's class names for a style. */
export function ansiClass(style: IAnsiStyle): string | undefined {
  const names = [
    style.bold && 'ansi-bold',
    style.underline && 'ansi-underline',
    style.foreground && `ansi-${style.foreground}-fg`,
    style.background && `ansi-${style.background}-bg`
  ].filter(Boolean);
  return names.length > 0 ? names.join(' ') : undefined;
}

function applyCodes(style: IAnsiStyle, codes: string): IAnsiStyle {
  const list = codes.split(/[;:]/).map(Number);
  let next: IAnsiStyle = style;
  for (let i = 0; i < list.length; i++) {
    const code = list[i] ?? 0;
    const name = COLOURS[code % 10];
    if (code === 0) {
      next = PLAIN;
    } else if (code === 1) {
      next = { ...next, bold: true };
    } else if (code === 4) {
      next = { ...next, underline: true };
    } else if (code === 22) {
      next = { ...next, bold: undefined };
    } else if (code === 24) {
      next = { ...next, underline: undefined };
    } else if (code === 38 || code === 48) {
      // 256 and true colours: the first 16 have names, the others stay plain. Their arguments are skipped.
      const index = list[i + 1] === 5 ? (list[i + 2] ?? 16) : 16;
      i += list[i + 1] === 5 ? 2 : 4;
      const colour = index < 16 ? intense(COLOURS[index % 8]!, index >= 8) : undefined;
      next = code === 38 ? { ...next, foreground: colour } : { ...next, background: colour };
    } else if (code === 39) {
      next = { ...next, foreground: undefined };
    } else if (code === 49) {
      next = { ...next, background: undefined };
    } else if (name && ((code >= 30 && code <= 37) || (code >= 90 && code <= 97))) {
      next = { ...next, foreground: intense(name, code >= 90) };
    } else if (name && ((code >= 40 && code <= 47) || (code >= 100 && code <= 107))) {
      next = { ...next, background: intense(name, code >= 100) };
    }
  }
  return next;
}

function intense(name: string, bright: boolean): string {
  return bright ? `${name}-intense` : name;
}
