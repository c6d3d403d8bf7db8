/** What is wrong with a text that is no YAML, in words for people instead of the parser's. Pure. */
import type { Document, YAMLParseError } from 'yaml';

/** A place where a text is no YAML. */
export interface ISyntaxProblem {
  path: readonly [];
  from: number;
  message: string;
}

/** Where a text does not parse: the first problem of each line, since what follows it in the line mostly comes of it. */
export function syntaxProblems(text: string, document: Document.Parsed): ISyntaxProblem[] {
  const lines = new Set<number>();
  return document.errors.flatMap(error => {
    const [from] = error.pos;
    const line = text.lastIndexOf('\n', from - 1);
    if (lines.has(line)) {
      return [];
    }
    lines.add(line);
    return [{ path: [] as const, from, message: wordsOf(error, text) }];
  });
}

const LIST_ENTRY =
  'This list entry does not belong here: the entries of a list begin in one column, and cannot stand among fields.';
const COLUMN =
  'This line is not in the column of those that it belongs to: the fields of an object, and the entries of a list, begin in one column.';

/** An error's sentence; the parser's own where its code says too little. */
function wordsOf({ code, message, pos: [from] }: YAMLParseError, text: string): string {
  const rest = text.slice(from);
  const [line = ''] = rest.trimStart().split('\n');
  const [, name = line] = /^["']?(.*?)["']?\s*(?::|$)/.exec(line) ?? [];
  const isEntry = /^-(\s|$)/.test(line);
  const [, closing] = /must .*end with a (.)/.exec(message) ?? [];
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'There is more than one object in this text. Leave one, and take out the line “---” with the others.';
    case 'DUPLICATE_KEY':
      return `“${name}” stands here twice. Leave one of them.`;
    case 'TAB_AS_INDENT':
      return 'Lines are indented with spaces here, not with tabs.';
    case 'BAD_SCALAR_START':
      return `A text cannot begin with “${rest.charAt(0)}”. Put it in quotes.`;
    case 'BAD_DQ_ESCAPE':
      return `“${rest.slice(0, 2)}” has no meaning between double quotes. Write “\\\\” for a backslash, or put the text in single quotes.`;
    case 'BAD_ALIAS':
      return 'A word that begins with “*” stands for what is marked by the same word with “&” above, and there is none. Put the text in quotes.';
    case 'BLOCK_IN_FLOW':
      return 'Between brackets, entries are separated by “,” and have no “-”.';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return isEntry
        ? LIST_ENTRY
        : /:(\s|$)/.test(line)
          ? 'There is a second “:” in this line. Begin the inner field on a line of its own, or put a text that contains “: ” in quotes.'
          : 'This has a value already, but the line below is indented as if it belonged to it.';
    case 'BAD_INDENT':
      return closing
        ? `The closing “${closing}” is missing, or the lines before it are not indented.`
        : COLUMN;
    case 'MULTILINE_IMPLICIT_KEY':
      return isEntry ? LIST_ENTRY : `There is no “:” after “${name}”.`;
    case 'MISSING_CHAR':
      return (
        missing(message) ??
        (closing
          ? `The closing “${closing}” is missing.`
          : !message.startsWith('Implicit map keys')
            ? plain(message)
            : isEntry
              ? LIST_ENTRY
              : `There is no “:” after “${name}”.`)
      );
    case 'UNEXPECTED_TOKEN':
      return unexpected(message, from === 0 || text[from - 1] === '\n', rest) ?? plain(message);
    default:
      return plain(message);
  }
}

function missing(message: string): string | undefined {
  const [, quote] = /Missing closing (['"])/.exec(message) ?? [];
  return quote
    ? `The closing ${quote} of a text is missing.`
    : message.startsWith('Comments')
      ? 'A space is missing before “#”.'
      : message.startsWith('Missing ,')
        ? 'A “,” is missing before this.'
        : message.startsWith('Sequence item without')
          ? 'The “-” of this list entry is missing.'
          : undefined;
}

function unexpected(message: string, beginsLine: boolean, rest: string): string | undefined {
  return message.includes('block-seq-ind on same line')
    ? 'A list begins on a line of its own, below the name of its field.'
    : message.startsWith('Block scalar header')
      ? 'What “|” or “>” announces begins on the next line.'
      : message.startsWith('Unexpected ,')
        ? 'There is a “,” too many.'
        : /^[\]}]/.test(rest)
          ? `This “${rest.charAt(0)}” closes nothing.`
          : message.includes('at node end')
            ? beginsLine
              ? COLUMN
              : 'Nothing can follow here. Put the whole text in quotes, or begin a new line.'
            : undefined;
}

/** The parser's sentence, without its place and its excerpt. */
function plain(message: string): string {
  return `${message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, '')}.`;
}
