// Custom resources' schemas → TypeScript interfaces, with Kubernetes' own types where a part of a schema is one of them.
import { createRequire } from 'node:module';

import { compile } from 'json-schema-to-typescript';

const require = createRequire(import.meta.url);

/** Kubernetes' types that custom resources embed. A part of a schema is one of them when it has hardly any other or fewer fields. */
const EMBEDDED = [
  'V1PodTemplateSpec',
  'V1PodSpec',
  'V1Container',
  'V1EphemeralContainer',
  'V1Volume',
  'V1VolumeMount',
  'V1VolumeDevice',
  'V1EnvVar',
  'V1EnvFromSource',
  'V1Affinity',
  'V1NodeAffinity',
  'V1Toleration',
  'V1TopologySpreadConstraint',
  'V1PodSecurityContext',
  'V1SecurityContext',
  'V1ResourceRequirements',
  'V1Probe',
  'V1Lifecycle',
  'V1ContainerPort',
  'V1PodDNSConfig',
  'V1PodResourceClaim',
  'V1HostAlias',
  'V1JobTemplateSpec',
  'V1JobSpec',
  'V1Condition',
  'V1LabelSelector',
  'V1NodeSelector',
  'V1PersistentVolumeClaimSpec',
  'V1PersistentVolumeClaimTemplate',
  'V1ObjectReference',
  'V1SecretReference'
];
const LEAST_FIELDS = 0.75;

const models = require('@kubernetes/client-node/dist/gen/models/all.js');
const fieldsOf = Object.fromEntries(
  EMBEDDED.map(name => [
    name,
    new Set(models[name].getAttributeTypeMap().map(field => field.baseName))
  ])
);

/** Types whose fields alone do not tell them: what their `spec` has to be. */
const SPEC_OF = {
  V1PodTemplateSpec: 'V1PodSpec',
  V1JobTemplateSpec: 'V1JobSpec',
  V1PersistentVolumeClaimTemplate: 'V1PersistentVolumeClaimSpec'
};

/** The type of `EMBEDDED` that an object schema is, or undefined. */
function embedded(schema) {
  const names = Object.keys(schema.properties ?? {});
  return EMBEDDED.find(type => {
    const fields = fieldsOf[type];
    return (
      names.length >= LEAST_FIELDS * fields.size &&
      names.every(name => fields.has(name)) &&
      (!(type in SPEC_OF) || embedded(schema.properties.spec ?? {}) === SPEC_OF[type])
    );
  });
}

/** An OpenAPI v3 schema of a CRD as a JSON schema for the compiler; the names of Kubernetes' types that it uses are added to `used`. */
function converted(schema, used) {
  if (schema === undefined || schema === true) {
    return {};
  }
  const known = embedded(schema);
  if (known) {
    used.add(known);
    return { tsType: `Wire<${known}>` };
  }
  if (schema['x-kubernetes-int-or-string']) {
    return { tsType: 'number | string' };
  }
  const result = {};
  if (schema.type) {
    result.type = schema.type;
  }
  if (schema.enum) {
    result.enum = schema.enum;
  }
  if (schema.type === 'object') {
    if (schema.properties) {
      result.properties = Object.fromEntries(
        Object.entries(schema.properties).map(([name, part]) => [name, converted(part, used)])
      );
      result.required = schema.required ?? [];
    }
    const open = schema['x-kubernetes-preserve-unknown-fields'];
    result.additionalProperties =
      schema.additionalProperties && schema.additionalProperties !== true
        ? converted(schema.additionalProperties, used)
        : Boolean(open || schema.additionalProperties || !schema.properties);
  }
  if (schema.type === 'array') {
    result.items = converted(schema.items, used);
  }
  return result;
}

/** The name of the interface for what is at `path`, a list of field names. */
function nameOf(path, kind) {
  const own = path.filter(step => step !== '*').map(step => step[0].toUpperCase() + step.slice(1));
  return `I${kind}${own.slice(-2).join('')}`;
}

const LEAST_SHARED = 2;

/** Calls `visit` for each object with fields in a JSON schema, the outer ones first; it may answer false to stay out of one. */
function eachObject(schema, path, visit) {
  if (schema.properties && visit(schema, path) === false) {
    return;
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    eachObject(part, [...path, name], visit);
  }
  for (const part of [schema.items, schema.additionalProperties]) {
    if (part && typeof part === 'object') {
      eachObject(part, path, visit);
    }
  }
}

/** `schema` with each object that it holds more than once as a definition, and a name of its own for the interface. */
function withDefinitions(schema, kind) {
  const found = new Map();
  eachObject(schema, [], (part, path) => {
    const key = JSON.stringify(part);
    const known = found.get(key);
    if (known) {
      known.count++;
      return false;
    }
    found.set(key, { count: 1, path, part });
    return Object.keys(part.properties).length >= LEAST_SHARED || undefined;
  });
  const definitions = {};
  const refs = new Map();
  for (const [key, { count, path, part }] of found) {
    if (count > 1 && Object.keys(part.properties).length >= LEAST_SHARED) {
      let name = nameOf(path, kind);
      while (name in definitions) {
        name += 'Too';
      }
      definitions[name] = part;
      refs.set(key, { $ref: `#/definitions/${name}` });
    }
  }
  const replaced = (part, top) => {
    if (!part || typeof part !== 'object') {
      return part;
    }
    const ref = top ? undefined : refs.get(JSON.stringify(part));
    if (ref) {
      return ref;
    }
    const result = { ...part };
    if (part.properties) {
      result.properties = Object.fromEntries(
        Object.entries(part.properties).map(([name, each]) => [name, replaced(each, false)])
      );
    }
    for (const field of ['items', 'additionalProperties']) {
      if (field in part) {
        result[field] = replaced(part[field], false);
      }
    }
    return result;
  };
  return {
    ...replaced(schema, true),
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, part]) => [name, replaced(part, true)])
    )
  };
}

/** The interface of a kind from the `openAPIV3Schema` of its CRD; the names of Kubernetes' types that it uses are added to `used`. */
export async function interfaceOf(kind, schema, used) {
  const { spec, status, ...others } = schema.properties ?? {};
  for (const name of ['apiVersion', 'kind', 'metadata']) {
    delete others[name];
  }
  const body = converted(
    {
      type: 'object',
      properties: { ...others, ...(spec && { spec }), ...(status && { status }) },
      required: spec ? ['spec'] : []
    },
    used
  );
  const text = await compile(withDefinitions(body, kind), `I${kind}`, {
    additionalProperties: false,
    bannerComment: '',
    format: false
  });
  return text.replace(`interface I${kind} {`, `interface I${kind} extends IKubernetesObject {`);
}
