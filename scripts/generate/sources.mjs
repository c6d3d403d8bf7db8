// Where the schemas of the custom resources come from.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { parse } from 'yaml';

import { fail, output, root, venvBin } from '../lib.mjs';
import { moduleFolder } from '../../ui-tests/cluster/build.mjs';

/** The folder with the CRDs that each component publishes, one folder a component, and a README that says in which version. */
const contracts = process.env.KUBEFLOW_CONTRACTS ?? path.join(root, '../shared/contracts');

/** The schemas of the Model Registry that requests and answers consist of, each with those for creating and changing one where there are. */
const REGISTRY = [
  'RegisteredModel',
  'ModelVersion',
  'Artifact',
  'ModelArtifact',
  'InferenceService',
  'ServeModel',
  'ServingEnvironment',
  'Experiment',
  'ExperimentRun'
];

const KATIB = ['Experiment', 'Suggestion', 'Trial'];

/**
 * All versions of all kinds: `[{group, version, kind, plural, namespaced, schema, source}]`, where `schema` is an `openAPIV3Schema`.
 */
export function resources() {
  if (!fs.existsSync(contracts)) {
    fail(
      `There are no CRDs in ${contracts}. Set KUBEFLOW_CONTRACTS to a folder with those of each component.`
    );
  }
  const files = fs
    .readdirSync(contracts, { recursive: true })
    .filter(name => name.endsWith('.crd.yaml'))
    .sort();
  const jobset = moduleFolder('jobset', 'sigs.k8s.io/jobset');
  const sources = published();
  return [
    ...files.flatMap(file => {
      const source = sources[path.dirname(file)];
      return versionsOf(
        path.join(contracts, file),
        source ? `${source}, ${path.basename(file)}` : file
      );
    }),
    ...versionsOf(
      path.join(jobset, 'config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml'),
      `sigs.k8s.io/jobset ${path.basename(jobset).split('@')[1]}`
    )
  ];
}

/** OpenAPI documents, and which of their schemas are wanted as types: `[{name, title, source, document, schemas}]`. */
export function documents() {
  const file = 'model-registry/v1alpha3.openapi.yaml';
  const document = parse(fs.readFileSync(path.join(contracts, file), 'utf8'));
  return [
    {
      name: 'modelRegistry.v1alpha3',
      title: `${document.info.title} ${document.info.version}`,
      source: `${published()[file] ?? file}, ${path.basename(file)}`,
      document,
      schemas: REGISTRY.flatMap(name => [name, `${name}Create`, `${name}Update`]).concat(
        'OrderByField',
        'SortOrder',
        'ArtifactTypeQueryParam'
      )
    }
  ];
}

function versionsOf(file, source) {
  const { metadata, spec } = parse(fs.readFileSync(file, 'utf8'));
  const { kind, plural } = spec.names;
  const made = metadata.annotations?.['controller-gen.kubebuilder.io/version'];
  return spec.versions
    .filter(version => version.served)
    .map(version => ({
      group: spec.group,
      version: version.name,
      kind,
      plural,
      namespaced: spec.scope === 'Namespaced',
      schema:
        KATIB.includes(kind) && spec.group === 'kubeflow.org'
          ? katib(kind)
          : version.schema.openAPIV3Schema,
      source:
        KATIB.includes(kind) && spec.group === 'kubeflow.org'
          ? katibSource()
          : `${source}${made ? ` (controller-gen ${made})` : ''}`
    }));
}

/** Where a component's CRDs, or a document, were published, in which version: the last column of the table in the folder's README, by the first one. */
function published() {
  const readme = path.join(contracts, 'README.md');
  const text = fs.existsSync(readme) ? fs.readFileSync(readme, 'utf8') : '';
  const rows = text.matchAll(/^\| `([\w./-]+?)\/?` \|.*\| ([^|]+) \|$/gm);
  return Object.fromEntries([...rows].map(([, folder, source]) => [folder, source]));
}

/** Katib's CRDs have no schema; its Python models have one. */
function katib(kind) {
  const script = `import json, kubeflow_katib_api.models as m; print(json.dumps(m.V1beta1${kind}.model_json_schema()))`;
  const result = spawnSync(path.join(venvBin, 'python'), ['-c', script], {
    encoding: 'utf8',
    maxBuffer: 1 << 28
  });
  return result.status === 0 ? plain(JSON.parse(result.stdout)) : fail(result.stderr);
}

function katibSource() {
  return `kubeflow_katib_api ${output(path.join(venvBin, 'python'), ['-c', "from importlib.metadata import version; print(version('kubeflow_katib_api'))"])}`;
}

/** A pydantic schema as CRDs write them: references filled in, no null, Kubernetes' free forms marked. */
function plain(document) {
  const visit = (schema, above) => {
    if (schema.$ref) {
      const name = schema.$ref.replace('#/$defs/', '');
      return above.includes(name) ? {} : visit(document.$defs[name], [...above, name]);
    }
    const choice = schema.anyOf?.find(each => each.type !== 'null');
    if (choice) {
      return visit(choice, above);
    }
    if (schema.properties?.actual_instance) {
      return { 'x-kubernetes-int-or-string': true };
    }
    const { type, properties, required, items, additionalProperties, enum: choices } = schema;
    return {
      type,
      ...(choices && { enum: choices }),
      ...(required && { required }),
      ...(properties && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, part]) => [name, visit(part, above)])
        )
      }),
      ...(items && { items: visit(items, above) }),
      ...(additionalProperties && {
        additionalProperties:
          additionalProperties === true ? true : visit(additionalProperties, above)
      })
    };
  };
  return visit(document, []);
}
