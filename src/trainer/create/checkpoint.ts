/** The volume that checkpoints survive in: a claim that is mounted into the nodes by a patch of the runtime. Pure. */
import { type Json, list, object, text } from '../../graph/wire';
import { FIELD_MANAGER } from '../../ui/kubernetes/editing';
import type { PatchField } from './model';

/** A PersistentVolumeClaim and where nodes have it; both empty for none. */
export interface ICheckpoint {
  claim: string;
  path: string;
}

/** The volume's name in the pods, by which it is found again. */
const VOLUME = 'checkpoints';
/** The replicated job of the nodes and its container, by Trainer's convention. */
const NODE = 'node';

/** The checkpoint volume of a spec. */
export function readCheckpoint(spec: Json): ICheckpoint {
  for (const pod of podPatches(spec)) {
    const volume = named(pod['volumes'], VOLUME);
    if (volume) {
      const mounts = list(pod['containers'])
        .map(object)
        .map(each => named(each['volumeMounts'], VOLUME));
      return {
        claim: text(object(volume['persistentVolumeClaim'])['claimName']) ?? '',
        path: text(mounts.find(Boolean)?.['mountPath']) ?? ''
      };
    }
  }
  return { claim: '', path: '' };
}

/** Sets the checkpoint volume of a spec in place; two empty texts remove it. */
export function writeCheckpoint(spec: Json, checkpoint: ICheckpoint, field: PatchField): void {
  const { claim, path } = checkpoint;
  const pods = podPatches(spec);
  const known = pods.find(pod => named(pod['volumes'], VOLUME));
  if (claim === '' && path === '') {
    pods.forEach(remove);
    clean(spec);
    return;
  }
  const pod = known ?? ownPatch(spec, field);
  replace(pod, 'volumes', { name: VOLUME, persistentVolumeClaim: { claimName: claim } });
  const holders = list(pod['containers'])
    .map(object)
    .filter(each => named(each['volumeMounts'], VOLUME));
  if (holders.length === 0) {
    let node = named(pod['containers'], NODE);
    if (!node) {
      node = { name: NODE };
      pod['containers'] = [...list(pod['containers']), node];
    }
    holders.push(node);
  }
  holders.forEach(each => replace(each, 'volumeMounts', { name: VOLUME, mountPath: path }));
}

/** The pod specs in all patches of a job, in both forms. */
function podPatches(spec: Json): Json[] {
  const runtime = list(spec['runtimePatches']).flatMap(patch =>
    replicated(object(patch)).map(podOf)
  );
  const older = list(spec['podTemplateOverrides']).map(each => object(object(each)['spec']));
  return [...runtime, ...older];
}

function replicated(patch: Json): Json[] {
  const template = object(object(patch['trainingRuntimeSpec'])['template']);
  return list(object(template['spec'])['replicatedJobs']).map(object);
}

function podOf(job: Json): Json {
  return object(object(object(object(job['template'])['spec'])['template'])['spec']);
}

/** The pod spec of the form's own patch, which is made where it is missing. */
function ownPatch(spec: Json, field: PatchField): Json {
  const patches = list(spec[field]);
  spec[field] = patches;
  if (field === 'podTemplateOverrides') {
    const own: Json = { targetJobs: [{ name: NODE }], spec: {} };
    patches.push(own);
    return own['spec'] as Json;
  }
  let own = patches.map(object).find(each => each['manager'] === FIELD_MANAGER);
  if (!own) {
    own = { manager: FIELD_MANAGER };
    patches.push(own);
  }
  const jobs = deep(own, ['trainingRuntimeSpec', 'template', 'spec']);
  let job = named(jobs['replicatedJobs'], NODE);
  if (!job) {
    job = { name: NODE };
    jobs['replicatedJobs'] = [...list(jobs['replicatedJobs']), job];
  }
  return deep(job, ['template', 'spec', 'template', 'spec']);
}

/** The map at a path, made where it is missing. */
function deep(from: Json, path: readonly string[]): Json {
  let found = from;
  for (const key of path) {
    found[key] = object(found[key]);
    found = found[key] as Json;
  }
  return found;
}

function named(items: unknown, name: string): Json | undefined {
  return list(items)
    .map(object)
    .find(each => each['name'] === name);
}

/** Puts an item in the place of the one of its name, with what else that had. */
function replace(holder: Json, key: string, item: Json): void {
  const items = list(holder[key]).map(object);
  const at = items.findIndex(each => each['name'] === item['name']);
  holder[key] =
    at < 0
      ? [...items, item]
      : items.map((each, index) => (index === at ? { ...each, ...item } : each));
}

function remove(pod: Json): void {
  drop(pod, 'volumes');
  for (const container of list(pod['containers']).map(object)) {
    drop(container, 'volumeMounts');
  }
  const containers = list(pod['containers']).filter(each =>
    Object.keys(object(each)).some(key => key !== 'name')
  );
  if (pod['containers'] !== undefined) {
    pod['containers'] = containers;
  }
  if (containers.length === 0) {
    delete pod['containers'];
  }
}

function drop(holder: Json, key: string): void {
  const left = list(holder[key]).filter(each => object(each)['name'] !== VOLUME);
  if (left.length > 0) {
    holder[key] = left;
  } else {
    delete holder[key];
  }
}

/** Removes the form's own patches that patch nothing any more. */
function clean(spec: Json): void {
  const left = list(spec['runtimePatches']).filter(
    patch =>
      object(patch)['manager'] !== FIELD_MANAGER ||
      replicated(object(patch)).some(job => Object.keys(podOf(job)).length > 0) ||
      // A patch of something else than pods.
      replicated(object(patch)).length === 0
  );
  const older = list(spec['podTemplateOverrides']).filter(
    each => Object.keys(object(object(each)['spec'])).length > 0
  );
  for (const [key, items] of [
    ['runtimePatches', left],
    ['podTemplateOverrides', older]
  ] as const) {
    if (items.length > 0) {
      spec[key] = items;
    } else {
      delete spec[key];
    }
  }
}
