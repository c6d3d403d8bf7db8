// Builds the servers of the control plane, each from a Go module of its own below `servers/`, into `.local/cluster/bin`; all of them when this is
// the program that runs (`node ui-tests/cluster/build.mjs`), which needs nothing that the set-up installs.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { env, fail, output, root, run, say, which } from '../../scripts/lib.mjs';

const folder = path.join(root, 'ui-tests/cluster/servers');
const bin = path.join(root, '.local/cluster/bin');

/** Program → its Go module below `servers/`, and its package. */
const PROGRAMS = {
  etcd: ['etcd', 'go.etcd.io/etcd/server/v3'],
  'kube-apiserver': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-apiserver'],
  'kube-controller-manager': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-controller-manager'],
  'kube-scheduler': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-scheduler'],
  kubectl: ['kubernetes', 'k8s.io/kubernetes/cmd/kubectl'],
  kwok: ['kwok', 'sigs.k8s.io/kwok/cmd/kwok'],
  jobset: ['jobset', 'sigs.k8s.io/jobset'],
  trainer: ['trainer', 'github.com/kubeflow/trainer/v2/cmd/trainer-controller-manager'],
  kserve: ['kserve', 'github.com/kserve/kserve/cmd/manager'],
  lws: ['lws', 'sigs.k8s.io/lws/cmd']
};

const goEnv = { ...env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -trimpath -buildvcs=false' };

/** The Go that the modules ask for; ends the program with the remedy when it is not here. */
function go() {
  const versions = Object.values(PROGRAMS).map(
    ([module]) =>
      /^go (\S+)$/m.exec(fs.readFileSync(path.join(folder, module, 'go.mod'), 'utf8'))[1]
  );
  const needed = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).pop();
  const found = which('go');
  if (!found) {
    fail(
      `The control plane is built with Go ${needed} or newer, which is not on the PATH: https://go.dev/dl/`
    );
  }
  return found;
}

/** Builds what has changed since it was last built (`names`: only these); the path of each program by its name. */
export async function build(names = Object.keys(PROGRAMS)) {
  const compiler = go();
  const version = output(compiler, ['version']);
  fs.mkdirSync(bin, { recursive: true });
  for (const name of names) {
    const [module, source] = PROGRAMS[name];
    const target = path.join(bin, name);
    const stamp = `${target}.stamp`;
    const hash = createHash('sha256').update(`${version} ${source}`);
    for (const file of ['go.mod', 'go.sum']) {
      hash.update(fs.readFileSync(path.join(folder, module, file)));
    }
    const digest = hash.digest('hex');
    if (
      fs.existsSync(target) &&
      fs.existsSync(stamp) &&
      fs.readFileSync(stamp, 'utf8') === digest
    ) {
      continue;
    }
    const start = Date.now();
    const options = { cwd: path.join(folder, module), env: goEnv };
    const half = `${target}.new`; // whoever uses the program meanwhile finds the last one, or none
    if ((await run(compiler, ['build', '-ldflags', '-s -w', '-o', half, source], options)) !== 0) {
      fail(`${name} could not be built from ui-tests/cluster/servers/${module}.`);
    }
    fs.renameSync(half, target);
    fs.writeFileSync(stamp, digest);
    say(`Built ${name} in ${Math.round((Date.now() - start) / 1000)} s`);
  }
  return Object.fromEntries(names.map(name => [name, path.join(bin, name)]));
}

/** The folder of a Go module's files, which hold its CRDs, webhooks and runtimes. */
export function moduleFolder(module, name) {
  const result = output(go(), [
    '-C',
    path.join(folder, module),
    'list',
    '-m',
    '-f',
    '{{.Dir}}',
    name
  ]);
  return result || fail(`The files of ${name} are not in Go's module cache.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
}
