// Everything a fresh machine needs, each step skipped when nothing changed.
import fs from 'node:fs';
import path from 'node:path';

import { env, fail, must, output, root, say, venvBin, whenChanged, which } from './lib.mjs';

const python = path.join(venvBin, 'python');

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  }
}

function findPython() {
  for (const name of [
    'python3',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
    'python'
  ]) {
    const program = which(name);
    const version =
      program && output(program, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const [major, minor] = (version ?? '0.0').split('.').map(Number);
    if (major === 3 && minor >= 10) {
      return program;
    }
  }
  return fail('No Python 3.10 or newer was found on the PATH: install one and try again.');
}

async function nodePackages() {
  await whenChanged(
    'node_modules/.stamp',
    ['package-lock.json'],
    'node_modules/.package-lock.json',
    async () => {
      say('Installing the Node packages');
      await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    }
  );
}

const built = 'jupyter_extension/jupyterlab_kubeflow/labextension';
const linked = path.join(root, '.venv/share/jupyter/labextensions/jupyterlab-kubeflow');

async function pythonEnvironment() {
  if (!fs.existsSync(python)) {
    say('Making the virtual environment .venv');
    const uv = which('uv');
    if (uv) {
      await must(uv, ['venv', '--quiet', '--seed', '--python', findPython(), '.venv']);
    } else {
      await must(findPython(), ['-m', 'venv', '.venv']);
    }
  }
  await whenChanged(
    '.venv/.stamp',
    ['pyproject.toml', 'jupyter_extension/server-config'],
    '.venv/bin/jupyter-kubeflow',
    async () => {
      say('Installing the Python packages');
      if (!which('uv')) {
        await must(python, ['-m', 'pip', 'install', '--quiet', 'uv']);
      }
      // The front end is built by its own step below; through its link, the installer would write into what was built.
      fs.rmSync(linked, { recursive: true, force: true });
      fs.rmSync(path.join(root, built, 'install.json'), { force: true });
      const noNpm = { env: { ...env, HATCH_JUPYTER_BUILDER_SKIP_NPM: '1' } };
      await must(
        'uv',
        ['pip', 'install', '--quiet', '--python', python, '-e', '.[local,sdk,test]'],
        noNpm
      );
      const config = path.join(root, '.venv/etc/jupyter/jupyter_server_config.d');
      fs.mkdirSync(config, { recursive: true });
      fs.cpSync(path.join(root, 'jupyter_extension/server-config'), config, { recursive: true });
      linkFrontEnd();
    }
  );
}

async function frontEnd() {
  const inputs = [
    'src',
    'style',
    'schema',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'scripts/builder.config.cjs',
    'scripts/shims'
  ];
  await whenChanged('.venv/.stamp-build', inputs, `${built}/package.json`, async () => {
    say('Building the front end');
    await must('npm', ['run', '--silent', 'build:prod']);
    linkFrontEnd();
  });
}

/** Lets JupyterLab load the front end from where it is built. */
function linkFrontEnd() {
  fs.mkdirSync(path.dirname(linked), { recursive: true });
  fs.rmSync(linked, { recursive: true, force: true });
  fs.symlinkSync(path.join(root, built), linked);
}

/** The path of a Chromium for the browser tests, installed when there is none. */
export async function chromium() {
  const found = () =>
    process.env.KUBEFLOW_CHROMIUM ??
    ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
      .map(which)
      .find(Boolean);
  if (found()) {
    return found();
  }
  if (process.getuid?.() === 0 && which('apt-get')) {
    say("Installing Debian's Chromium");
    await must('apt-get', ['update', '-qq']);
    await must(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }
      }
    );
    return found() ?? fail('Chromium was installed but is not on the PATH.');
  }
  say("Downloading Playwright's Chromium");
  await must('npx', ['--no-install', 'playwright', 'install', 'chromium'], {
    cwd: path.join(root, 'ui-tests')
  });
  return '';
}

/** The browser tests' own packages. */
export async function browserTestPackages() {
  await whenChanged(
    'ui-tests/node_modules/.stamp',
    ['ui-tests/package-lock.json'],
    'ui-tests/node_modules/.package-lock.json',
    async () => {
      say("Installing the browser tests' packages");
      await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: path.join(root, 'ui-tests'),
        env: { ...env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' }
      });
    }
  );
}

/** Node packages, Python environment and built front end. */
export async function setup() {
  checkNode();
  await nodePackages();
  await pythonEnvironment();
  await frontEnd();
}
