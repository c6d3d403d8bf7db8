// Builds the wheel as `pip install .` does, installs it into an empty environment and looks at what JupyterLab finds there.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { fail, must, output, say } from './lib.mjs';

/** Whether a Jupyter server of this environment answers the extension's route. */
async function serves(bin, home) {
  const server = spawn(
    path.join(bin, 'jupyter'),
    [
      'server',
      '--allow-root',
      '--no-browser',
      '--ServerApp.port=0',
      '--IdentityProvider.token=t',
      `--ServerApp.root_dir=${home}`
    ],
    {
      env: { ...process.env, KUBEFLOW_CONFIG_HOME: home, KUBEFLOW_LOCAL_HOME: home },
      stdio: ['ignore', 'ignore', 'pipe']
    }
  );
  let log = '';
  const url = await new Promise(resolve => {
    server.stderr.on('data', data => {
      log += data;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
      if (address) {
        resolve(address[0]);
      }
    });
    server.on('close', () => resolve(undefined));
  });
  try {
    const answer = url && (await fetch(`${url}/kubeflow/connection?token=t`));
    return answer?.status === 200 && (await answer.json()).active === 'local';
  } finally {
    server.kill('SIGTERM');
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubeflow-package-'));
try {
  await must('uv', ['build', '--quiet', '--wheel', '--out-dir', folder, '.']);
  const wheel = fs.readdirSync(folder).find(name => name.endsWith('.whl'));
  await must('uv', ['venv', '--quiet', path.join(folder, 'venv')]);
  const bin = path.join(folder, 'venv/bin');
  await must('uv', [
    'pip',
    'install',
    '--quiet',
    '--python',
    path.join(bin, 'python'),
    path.join(folder, wheel)
  ]);

  const checks = {
    'the prebuilt labextension': [
      '-c',
      "import json,sys,pathlib; p=pathlib.Path(sys.prefix)/'share/jupyter/labextensions/jupyterlab-kubeflow'; json.load(open(p/'package.json')); assert (p/'install.json').is_file(); assert list((p/'static').glob('remoteEntry*.js')); assert list((p/'schemas').rglob('*.json'))"
    ],
    'the command jupyter kubeflow': ['-m', 'jupyter', 'kubeflow', '--help'],
    'the words for what is not installed': [
      '-c',
      "import subprocess,sys,os,tempfile; r=subprocess.run([sys.executable,'-m','jupyter','kubeflow','local','start'],capture_output=True,text=True,env={**os.environ,'PATH':os.path.dirname(sys.executable)+os.pathsep+os.environ['PATH'],'KUBEFLOW_LOCAL_HOME':tempfile.mkdtemp()}); assert r.returncode and 'jupyterlab-kubeflow[local]' in r.stderr and 'Traceback' not in r.stderr, r"
    ]
  };
  process.env.PATH = `${bin}${path.delimiter}${process.env.PATH}`;
  let failed = 0;
  const results = Object.entries(checks).map(([what, args]) => [
    what,
    output(path.join(bin, 'python'), args) !== undefined
  ]);
  results.push(['the server extension', await serves(bin, folder)]);
  for (const [what, found] of results) {
    failed += found ? 0 : 1;
    say(`${found ? 'found' : 'MISSING'} ${what} in ${wheel}`);
  }
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) {
    fail('The wheel is not whole.');
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
