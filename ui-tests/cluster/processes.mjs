// Child processes with their output in files: started, waited for, ended.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

const LOG_LINES = 20;

/** So many free loopback ports, all different. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = net.createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        })
    )
  );
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

/** The processes of one control plane, in the order in which they were started. */
export class Processes {
  /** `folder` gets a log for each. */
  constructor(folder) {
    this._folder = folder;
    this._running = new Map();
  }

  /** Starts a program under a name; its output goes to `NAME.log`. */
  start(name, program, args, env = {}) {
    const log = fs.openSync(path.join(this._folder, `${name}.log`), 'a');
    const child = spawn(program, args, {
      cwd: this._folder,
      env: { PATH: process.env.PATH, HOME: this._folder, ...env },
      stdio: ['ignore', log, log]
    });
    fs.closeSync(log);
    const ended = new Promise(resolve => {
      child.once('error', resolve);
      child.once('exit', resolve);
    });
    this._running.set(name, { child, ended, again: () => this.start(name, program, args, env) });
  }

  /** The process id, for tests that kill. */
  pid(name) {
    return this._running.get(name).child.pid;
  }

  /** Ends a process with a signal and waits until it is gone. */
  async end(name, signal = 'SIGTERM') {
    const { child, ended } = this._running.get(name);
    child.kill(signal);
    await ended;
  }

  /** Starts a process that has ended once more, as it was. */
  restart(name) {
    this._running.get(name).again();
  }

  /** Resolves when `probe` answers true; rejects with the end of the log when the process ends first or the time (seconds) is over. */
  async ready(name, probe, seconds = 60) {
    const until = Date.now() + 1000 * seconds;
    const { child } = this._running.get(name);
    while (!(await probe().catch(() => false))) {
      if (child.exitCode !== null || Date.now() > until) {
        const why =
          child.exitCode === null
            ? `is not ready after ${seconds} s`
            : `ended with ${child.exitCode}`;
        throw new Error(`${name} ${why}:\n${this.log(name)}`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  /** The last lines of a log. */
  log(name) {
    const lines = fs
      .readFileSync(path.join(this._folder, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n');
    return lines.slice(-LOG_LINES).join('\n');
  }

  /** Ends all, the last started first; what does not go within 10 seconds is killed. */
  async stop() {
    for (const [, { child, ended }] of [...this._running].reverse()) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(timer);
      }
    }
  }
}

/** Whether a GET of `url` answers with 200; `ca` is a PEM text, `token` a bearer token. */
export function answers(url, { ca, token } = {}) {
  const client = url.startsWith('https:') ? https : http;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    client
      .get(url, { ca, headers, agent: false }, response => {
        response.resume();
        resolve(response.statusCode === 200);
      })
      .on('error', reject);
  });
}
