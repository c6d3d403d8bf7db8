// The manifests that the components ship in their Go modules, made fit for servers that run beside the cluster rather than in it.
import fs from 'node:fs';
import path from 'node:path';

import { parseAllDocuments } from 'yaml';

import { moduleFolder } from './build.mjs';

/** The objects in a file, or in all files of a folder and those below it. */
export function objects(...where) {
  const target = path.join(...where);
  const files = fs.statSync(target).isDirectory()
    ? fs
        .readdirSync(target, { recursive: true })
        .filter(name => name.endsWith('.yaml') && path.basename(name) !== 'kustomization.yaml')
        .map(name => path.join(target, name))
        .sort()
    : [target];
  return files.flatMap(file =>
    parseAllDocuments(fs.readFileSync(file, 'utf8'))
      .map(document => document.toJSON())
      .filter(object => object?.kind)
  );
}

/** Webhook configurations that call `https://127.0.0.1:PORT/…` in place of a service; `change` may adapt each webhook. */
export function webhooks(configurations, name, port, caBundle, change = hook => hook) {
  return configurations.map((configuration, index) => ({
    ...configuration,
    metadata: {
      name: `${name}-${configuration.metadata.name}-${index}`.replaceAll(/[^a-z0-9.-]/g, '-')
    },
    webhooks: configuration.webhooks.map(({ clientConfig, ...hook }) =>
      change({
        ...hook,
        clientConfig: { url: `https://127.0.0.1:${port}${clientConfig.service.path}`, caBundle }
      })
    )
  }));
}

const JOBSET_PODS = {
  matchExpressions: [{ key: 'jobset.sigs.k8s.io/jobset-name', operator: 'Exists' }]
};
const LWS_PODS = {
  matchExpressions: [{ key: 'leaderworkerset.sigs.k8s.io/name', operator: 'Exists' }]
};

function onlyPodsWith(selector) {
  return hook =>
    hook.rules.some(rule => rule.resources.includes('pods'))
      ? { ...hook, objectSelector: selector }
      : hook;
}

/** What each component brings: `crds`, `webhooks(port, caBundle)` and objects that are made once it is ready (`after`). */
export function components() {
  const trainer = path.join(
    moduleFolder('trainer', 'github.com/kubeflow/trainer/v2'),
    'manifests/base'
  );
  const jobset = path.join(moduleFolder('jobset', 'sigs.k8s.io/jobset'), 'config/components');
  const kserve = path.join(moduleFolder('kserve', 'github.com/kserve/kserve'), 'config');
  const lws = path.join(moduleFolder('lws', 'sigs.k8s.io/lws'), 'config');
  const standard = object => !object.metadata.name.includes('llminferenceservice');
  return {
    jobset: {
      crds: objects(jobset, 'crd/bases'),
      webhooks: (port, ca) =>
        webhooks(
          objects(jobset, 'webhook/manifests.yaml'),
          'jobset',
          port,
          ca,
          onlyPodsWith(JOBSET_PODS)
        )
    },
    trainer: {
      crds: objects(trainer, 'crds'),
      webhooks: (port, ca) =>
        webhooks(objects(trainer, 'webhook/manifests.yaml'), 'trainer', port, ca),
      after: objects(trainer, 'runtimes').filter(object => object.kind === 'ClusterTrainingRuntime')
    },
    lws: {
      crds: objects(lws, 'crd/bases'),
      webhooks: (port, ca) =>
        webhooks(objects(lws, 'webhook/manifests.yaml'), 'lws', port, ca, onlyPodsWith(LWS_PODS))
    },
    kserve: {
      crds: objects(kserve, 'crd/full').filter(
        object => object.kind === 'CustomResourceDefinition' && standard(object)
      ),
      webhooks: (port, ca) =>
        webhooks(objects(kserve, 'webhook/manifests.yaml'), 'kserve', port, ca),
      after: [...objects(kserve, 'runtimes'), ...objects(kserve, 'storagecontainers/default.yaml')],
      configuration: objects(kserve, 'configmap/inferenceservice.yaml')[0]
    }
  };
}
