// What the set-up and test scripts share. Node's own modules only: nothing is installed yet when this runs.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The folder of the virtual environment's programs. */
export const venvBin = path.join(root, '.venv', 'bin');

/** The environment for child processes: the virtual environment first on the PATH. */
export const env = {
  ...process.env,
  PATH: `${venvBin}${path.delimiter}${process.env.PATH}`,
  VIRTUAL_ENV: path.join(root, '.venv')
};

/** Prints one line of progress. */
export function say(line) {
  process.stdout.write(`\x1b[1m› ${line}\x1b[0m\n`);
}

/** Ends the program with a message for the person at the terminal. */
export function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

/** The path of a program on the PATH, or undefined. */
export function which(name) {
  for (const folder of env.PATH.split(path.delimiter)) {
    const file = path.join(folder, name);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      if (fs.statSync(file).isFile()) {
        return file;
      }
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** Runs a program with its output shown; resolves to its exit code. */
export function run(command, args, options = {}) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', ...options });
    child.on('error', error => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.on('close', (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}

/** Runs a program and ends ours when it fails. */
export async function must(command, args, options = {}) {
  const code = await run(command, args, options);
  if (code !== 0) {
    fail(`${path.basename(command)} ${args.join(' ')} ended with exit code ${code}.`);
  }
}

/** Runs a program quietly; its trimmed output, or undefined when it fails. */
export function output(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** All files below the given files and folders, sorted. */
function filesOf(names) {
  return names
    .map(name => path.join(root, name))
    .filter(file => fs.existsSync(file))
    .flatMap(file =>
      fs.statSync(file).isDirectory()
        ? fs
            .readdirSync(file, { recursive: true })
            .map(name => path.join(file, name))
            .filter(name => fs.statSync(name).isFile())
        : [file]
    )
    .sort();
}

/** Runs `step` when the content of `inputs` changed since it last succeeded, or `target` is missing. */
export async function whenChanged(stamp, inputs, target, step) {
  const hash = createHash('sha256');
  for (const file of filesOf(inputs)) {
    hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file));
  }
  const digest = hash.digest('hex');
  const stampFile = path.join(root, stamp);
  const last = fs.existsSync(stampFile) ? fs.readFileSync(stampFile, 'utf8') : '';
  if (last === digest && fs.existsSync(path.join(root, target))) {
    return;
  }
  await step();
  fs.mkdirSync(path.dirname(stampFile), { recursive: true });
  fs.writeFileSync(stampFile, digest);
}
