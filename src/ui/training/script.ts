/**
 * Code that travels in a TrainJob: a file that the node's command writes and starts, as `CustomTrainer` of the Kubeflow SDK has it
 * (`get_command_using_train_func`). Other than there, the shell takes the code as it is, `exec` lets signals reach Python, and arguments are those of
 * `spec.trainer.args`. Pure.
 */
import type { Launcher } from '../kubernetes/runtimes';

/** A file with code and what starts it. */
export interface IScript {
  /** The file's name on the node. */
  file: string;
  launcher: Launcher;
  /** Ends with a line break. */
  text: string;
}

/** The longest argument that Linux starts a program with (`MAX_ARG_STRLEN`, 128 KiB with the zero at its end), in bytes. */
export const MAX_ARGUMENT = 128 * 1024 - 1;

/** The largest TrainJob that is sent, in bytes of JSON: etcd takes requests of 1 MiB, and an object grows by its status and its managers. */
export const MAX_OBJECT = 512 * 1024;

const MPI = ['mpirun', '--hostfile', '/etc/mpi/hostfile'];
/** Where the nodes of MPI runtimes share files, as the SDK has it. */
const MPI_HOME = '/home/mpiuser';
const SHELL = ['bash', '-c'];
const FORM = /^cat > "([\w./-]+)" << '(EOM\d*)'\n([\s\S]*)\n\2\nexec (python|torchrun) "\1" "\$@"$/;

/** The command of a node that writes the script into a file and starts it. */
export function scriptCommand({ file, launcher, text }: IScript): string[] {
  const name = launcher === 'mpirun' ? `${MPI_HOME}/${file}` : file;
  const start = launcher === 'torchrun' ? 'torchrun' : 'python';
  const end = delimiter(text);
  const code = text.replace(/\n$/, '');
  const lines = [`cat > "${name}" << '${end}'`, code, end, `exec ${start} "${name}" "$@"`];
  const shell = [...SHELL, escaped(lines.join('\n')), file];
  return launcher === 'mpirun' ? [...MPI, ...shell] : shell;
}

/** The script of a command that `scriptCommand` could have made; undefined for any other. */
export function readScript(command: readonly string[]): IScript | undefined {
  const mpi = same(command.slice(0, MPI.length), MPI);
  const shell = mpi ? command.slice(MPI.length) : command;
  const [, name, , text, start] = FORM.exec(unescaped(shell[2] ?? '')) ?? [];
  if (shell.length !== 4 || name === undefined || text === undefined) {
    return undefined;
  }
  const launcher = mpi ? 'mpirun' : (start as Launcher);
  const found: IScript = { file: shell[3]!, launcher, text: `${text}\n` };
  return same(scriptCommand(found), command) ? found : undefined;
}

/** A file's name on the node: letters, digits, dots, dashes and underscores only, ending in `.py`. */
export function nodeFile(name: string): string {
  const stem = name
    .replace(/\.(py|ipynb)$/i, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '');
  return `${stem || 'train'}.py`;
}

/** A function as a file that calls it. `call` are the arguments as Python source by name. */
export function functionScript(source: string, name: string, call: ReadonlyMap<string, string>) {
  const given = [...call].map(([key, value]) => `${pythonString(key)}: ${value}`).join(', ');
  const called = call.size > 0 ? `${name}(**{${given}})` : `${name}()`;
  return `${source.trimEnd()}\n\n${called}\n`;
}

/** A JSON value as Python source; `float` writes whole numbers as `1.0`. */
export function pythonLiteral(value: unknown, float = false): string {
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'number') {
    return float && /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value);
  }
  if (typeof value === 'string') {
    return pythonString(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(item => pythonLiteral(item)).join(', ')}]`;
  }
  const items = Object.entries(value as object);
  return `{${items.map(([key, item]) => `${pythonString(key)}: ${pythonLiteral(item)}`).join(', ')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text as a Python string on one line. */
export function pythonString(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  let body = '';
  for (const char of value) {
    const code = char.codePointAt(0)!;
    if (char === '\\' || char === quote) {
      body += `\\${char}`;
    } else if (ESCAPES[char]) {
      body += ESCAPES[char];
    } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
      body += `\\x${code.toString(16).padStart(2, '0')}`;
    } else if (
      /[\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/.test(char) &&
      code <= 0xffff
    ) {
      // What cannot be seen, changes the order of what is seen, or is half a character.
      body += `\\u${code.toString(16).padStart(4, '0')}`;
    } else {
      body += char;
    }
  }
  return quote + body + quote;
}

/** A line that ends the file and does not stand in it. */
function delimiter(text: string): string {
  const lines = new Set(text.split('\n'));
  for (let count = 0; ; count++) {
    const found = count === 0 ? 'EOM' : `EOM${count}`;
    if (!lines.has(found)) {
      return found;
    }
  }
}

/** Kubernetes expands `$(NAME)` in commands, and reads `$$` as one dollar. */
function escaped(text: string): string {
  return text.replace(/\$+(?=\()|\${2,}/g, dollars => dollars + dollars);
}

function unescaped(text: string): string {
  return text.replace(/\$\$/g, '$');
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
