// A real Kubernetes control plane on loopback, for tests: etcd, apiserver, controllers, scheduler, KWOK for nodes and pods, and the
// controllers of JobSet, Trainer, LeaderWorkerSet and KServe with their webhooks.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { stringify } from 'yaml';

import { must, root, venvBin } from '../../scripts/lib.mjs';
import { build } from './build.mjs';
import { components } from './manifests.mjs';
import { answers, freePorts, Processes } from './processes.mjs';

const here = path.join(root, 'ui-tests/cluster');
const execute = promisify(execFile);

/** Users with a bearer token: name → [token, groups]. */
export const TOKENS = {
  root: ['root-token', 'system:masters'],
  alice: ['alice-token', 'editors'],
  bob: ['bob-token', 'limited']
};

/** Watches of TrainingRuntimes come from etcd itself, which forgets when a spec tells it to: so 410 can be had. */
const FORGETFUL = [
  '--watch-cache-sizes=trainingruntimes.trainer.kubeflow.org#0',
  '--etcd-compaction-interval=0'
];

/** The namespace that the limited users see. */
export const NAMESPACE = 'team';

/**
 * Starts a control plane in a new folder. `with` names the controllers beside Kubernetes' own (all by default).
 *
 * Resolves, once everything is ready, to `{folder, url, etcd, ca, kubeconfig, processes, kubectl(args, input), stop()}`.
 */
export async function startControlPlane({
  with: wanted = ['jobset', 'trainer', 'lws', 'kserve'],
  apiserver = FORGETFUL,
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubeflow-cluster-'))
} = {}) {
  const programs = await build();
  await must(path.join(venvBin, 'python'), [path.join(here, 'certificates.py'), folder]);
  const file = name => path.join(folder, name);
  const ca = fs.readFileSync(file('ca.crt'), 'utf8');
  const caBundle = Buffer.from(ca).toString('base64');
  const [etcdPort, peerPort, apiPort, kwokPort, ...ports] = await freePorts(4 + 3 * wanted.length);
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const url = `https://127.0.0.1:${apiPort}`;
  const processes = new Processes(folder);
  const plane = { folder, url, etcd, ca, kubeconfig: file('root.kubeconfig'), processes };
  plane.stop = async () => {
    await processes.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  plane.kubectl = async (args, input) => {
    const run = execute(programs.kubectl, ['--kubeconfig', plane.kubeconfig, ...args], {
      maxBuffer: 64 * 1024 * 1024,
      env: { PATH: process.env.PATH, HOME: folder }
    });
    if (input !== undefined) {
      run.child.stdin.end(input);
    }
    return (await run).stdout;
  };
  try {
    writeUsers(file, url);
    processes.start('etcd', programs.etcd, [
      `--data-dir=${file('etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
      '--unsafe-no-fsync',
      '--log-level=warn'
    ]);
    await processes.ready('etcd', () => answers(`${etcd}/health`));
    processes.start('kube-apiserver', programs['kube-apiserver'], [
      `--etcd-servers=${etcd}`,
      `--secure-port=${apiPort}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${file('apiserver')}`,
      `--service-account-key-file=${file('service-account.pub')}`,
      `--service-account-signing-key-file=${file('service-account.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--token-auth-file=${file('tokens.csv')}`,
      `--client-ca-file=${file('ca.crt')}`,
      `--tls-cert-file=${file('server.crt')}`,
      `--tls-private-key-file=${file('server.key')}`,
      `--kubelet-certificate-authority=${file('ca.crt')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--endpoint-reconciler-type=none',
      '--allow-privileged',
      ...apiserver
    ]);
    const token = TOKENS.root[0];
    plane.apiserverReady = () =>
      processes.ready('kube-apiserver', () => answers(`${url}/readyz`, { ca, token }));
    await plane.apiserverReady();
    startKubernetes(processes, programs, file, plane, kwokPort);
    const parts = components();
    const apply = async (list, ...args) =>
      list.length > 0 &&
      plane.kubectl(
        ['apply', '--server-side', '--force-conflicts', ...args, '-f', '-'],
        list.map(object => stringify(object)).join('---\n')
      );
    await apply(fixtures());
    const crds = wanted.flatMap(name => parts[name].crds);
    await apply(crds);
    const established = async () =>
      crds.length > 0 &&
      plane.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    await established().catch(established); // it fails on a CRD that has no conditions yet
    if (wanted.includes('kserve')) {
      await apply([kserveConfiguration(parts.kserve.configuration)]);
    }
    const groups = Object.fromEntries(
      wanted.map((name, i) => [name, ports.slice(3 * i, 3 * i + 3)])
    );
    for (const name of wanted) {
      startController(name, processes, programs[name], file, plane.kubeconfig, groups[name]);
    }
    for (const name of wanted) {
      await processes.ready(name, () => answers(`http://127.0.0.1:${groups[name][1]}/readyz`));
    }
    await apply(wanted.flatMap(name => parts[name].webhooks(groups[name][0], caBundle)));
    await apply(wanted.flatMap(name => parts[name].after ?? []));
    await plane.kubectl(['wait', '--for=condition=Ready', '--timeout=60s', 'node', '--all']);
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return plane;
}

function writeUsers(file, server) {
  const lines = Object.entries(TOKENS).map(
    ([name, [token, groups]]) => `${token},${name},${name},"${groups}"`
  );
  fs.writeFileSync(file('tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const users = {
    ...Object.fromEntries(Object.entries(TOKENS).map(([name, [token]]) => [name, { token }])),
    carol: { 'client-certificate': file('carol.crt'), 'client-key': file('carol.key') }
  };
  for (const [name, user] of Object.entries(users)) {
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority': file('ca.crt') } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: 'test', user: name, namespace: NAMESPACE } }]
    };
    fs.writeFileSync(file(`${name}.kubeconfig`), stringify(kubeconfig), { mode: 0o600 });
  }
}

function startKubernetes(processes, programs, file, { folder, kubeconfig }, kwokPort) {
  processes.start('kube-controller-manager', programs['kube-controller-manager'], [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    `--service-account-private-key-file=${file('service-account.key')}`,
    `--root-ca-file=${file('ca.crt')}`,
    '--secure-port=0'
  ]);
  processes.start('kube-scheduler', programs['kube-scheduler'], [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0'
  ]);
  const options = {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    options: {
      manageAllNodes: true,
      nodeIP: '127.0.0.1',
      nodePort: kwokPort,
      cidr: '10.128.0.1/16',
      nodeLeaseDurationSeconds: 0,
      enableCRDs: []
    }
  };
  const pods = fs.readFileSync(path.join(here, 'pods.yaml'), 'utf8').replaceAll('FOLDER', folder);
  fs.writeFileSync(file('pod.log'), podLog());
  fs.writeFileSync(file('live.log'), podLog());
  fs.writeFileSync(file('previous.log'), '2025-12-31T23:59:59.000000000Z stderr F no data\n');
  fs.writeFileSync(file('kwok.yaml'), `${stringify(options)}---\n${pods}`);
  processes.start('kwok', programs.kwok, [
    `--kubeconfig=${kubeconfig}`,
    `--config=${file('kwok.yaml')}`,
    `--server-address=127.0.0.1:${kwokPort}`,
    `--tls-cert-file=${file('server.crt')}`,
    `--tls-private-key-file=${file('server.key')}`
  ]);
}

/** What every pod's containers have written, in the format of a container runtime. */
function podLog() {
  const line = number =>
    `2026-01-01T00:00:0${number}.000000000Z stdout F epoch ${number + 1} of 3: loss 0.${9 - number}\n`;
  return [0, 1, 2].map(line).join('');
}

function startController(name, processes, program, file, kubeconfig, [webhook, health, status]) {
  const own = file(name);
  const certificates = path.join(own, 'k8s-webhook-server/serving-certs');
  fs.mkdirSync(certificates, { recursive: true });
  fs.copyFileSync(file('server.crt'), path.join(certificates, 'tls.crt'));
  fs.copyFileSync(file('server.key'), path.join(certificates, 'tls.key'));
  const env = { KUBECONFIG: kubeconfig, TMPDIR: own, POD_NAMESPACE: 'kserve' };
  if (name === 'kserve') {
    processes.start(
      name,
      program,
      [
        '--metrics-addr=0',
        `--webhook-port=${webhook}`,
        `--health-probe-addr=127.0.0.1:${health}`,
        '--leader-elect=false'
      ],
      env
    );
    return;
  }
  const configuration = {
    apiVersion: {
      jobset: 'config.jobset.x-k8s.io/v1alpha1',
      trainer: 'config.trainer.kubeflow.org/v1alpha1',
      lws: 'config.lws.x-k8s.io/v1alpha1'
    }[name],
    kind: 'Configuration',
    health: { healthProbeBindAddress: `127.0.0.1:${health}` },
    metrics: { bindAddress: '0' },
    webhook: { host: '127.0.0.1', port: webhook },
    leaderElection: { leaderElect: false },
    ...(name === 'trainer'
      ? { certManagement: { enable: false }, statusServer: { port: status, qps: 5, burst: 10 } }
      : { internalCertManagement: { enable: false } })
  };
  if (name !== 'trainer') {
    configuration.webhook.certDir = certificates;
  }
  fs.writeFileSync(path.join(own, 'config.yaml'), stringify(configuration));
  processes.start(name, program, [`--config=${path.join(own, 'config.yaml')}`], env);
}

function kserveConfiguration(shipped) {
  const data = Object.fromEntries(
    Object.entries(shipped.data).filter(([key]) => key !== '_example')
  );
  const ingress = {
    ...JSON.parse(data.ingress),
    disableIngressCreation: true,
    disableIstioVirtualHost: true,
    enableGatewayApi: false
  };
  const deploy = { defaultDeploymentMode: 'Standard' };
  return {
    ...shipped,
    metadata: { name: 'inferenceservice-config', namespace: 'kserve' },
    data: { ...data, ingress: JSON.stringify(ingress), deploy: JSON.stringify(deploy) }
  };
}

/** A node, the namespaces, and what the users without all rights may do. */
function fixtures() {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const subject = (kind, name) => [{ kind, name, apiGroup: 'rbac.authorization.k8s.io' }];
  const clusterRole = name => ({
    kind: 'ClusterRole',
    name,
    apiGroup: 'rbac.authorization.k8s.io'
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kserve' } },
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-0', annotations: { 'kwok.x-k8s.io/node': 'fake' } },
      status: {
        allocatable: { cpu: '64', memory: '512Gi', pods: '20000' },
        capacity: { cpu: '64', memory: '512Gi', pods: '20000' }
      }
    },
    {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: { name: 'everything' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
    },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: { name: 'editors', namespace: NAMESPACE },
      roleRef: clusterRole('everything'),
      subjects: subject('Group', 'editors')
    },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: { name: 'viewers', namespace: NAMESPACE },
      roleRef: clusterRole('view'),
      subjects: subject('Group', 'viewers')
    },
    {
      apiVersion: rbac,
      kind: 'Role',
      metadata: { name: 'limited', namespace: NAMESPACE },
      rules: [
        {
          apiGroups: ['trainer.kubeflow.org'],
          resources: ['trainjobs'],
          verbs: ['get', 'list', 'watch']
        }
      ]
    },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: { name: 'limited', namespace: NAMESPACE },
      roleRef: { kind: 'Role', name: 'limited', apiGroup: 'rbac.authorization.k8s.io' },
      subjects: subject('Group', 'limited')
    }
  ];
}
