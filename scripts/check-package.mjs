// Builds the wheel as `pip install .` does, installs it into an empty environment and looks at what JupyterLab finds there.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { fail, must, output, say } from './lib.mjs';

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
    'the server extension': [
      '-c',
      "from jupyter_server.extension.manager import ExtensionPackage as E; e=E(name='jupyterlab_kubeflow'); assert e.extension_points; import sys,pathlib; assert (pathlib.Path(sys.prefix)/'etc/jupyter/jupyter_server_config.d/jupyterlab_kubeflow.json').is_file()"
    ],
    'the command jupyter kubeflow': ['-m', 'jupyter', 'kubeflow', '--help'],
    'the words for what is not installed': [
      '-c',
      "import subprocess,sys,os,tempfile; r=subprocess.run([sys.executable,'-m','jupyter','kubeflow','local','start'],capture_output=True,text=True,env={**os.environ,'PATH':os.path.dirname(sys.executable)+os.pathsep+os.environ['PATH'],'KUBEFLOW_LOCAL_HOME':tempfile.mkdtemp()}); assert r.returncode and 'jupyterlab-kubeflow[local]' in r.stderr and 'Traceback' not in r.stderr, r"
    ]
  };
  process.env.PATH = `${bin}${path.delimiter}${process.env.PATH}`;
  let failed = 0;
  for (const [what, args] of Object.entries(checks)) {
    const found = output(path.join(bin, 'python'), args) !== undefined;
    failed += found ? 0 : 1;
    say(`${found ? 'found' : 'MISSING'} ${what} in ${wheel}`);
  }
  process.stdout.write(`${Object.keys(checks).length - failed} passed, ${failed} failed\n`);
  if (failed > 0) {
    fail('The wheel is not whole.');
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
