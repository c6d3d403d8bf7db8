/**
 * The Python that creates the same TrainJob with the Kubeflow SDK (0.5: `TrainerClient`, `CustomTrainer`, `kubeflow.trainer.options`). What the SDK
 * cannot say stands above it as comments. Pure.
 */
import { type Json, list, object, text } from '../../graph/wire';
import { hiddenVariables } from '../../ui/training/draft';
import { pythonLiteral, pythonString } from '../../ui/training/script';
import type { ISdkOptions } from '../../ui/training/sdkCell';
import { type IDraft, readDraft } from './model';

/** A function of the notebook that the job calls. */
export interface ICalled {
  name: string;
  /** Its source; left out where the code goes into the notebook that defines it. */
  source?: string;
  /** Arguments as Python source, by name. */
  call: ReadonlyMap<string, string>;
}

/** Why the SDK's code makes another job than the form's, in plain sentences. */
export interface ISdkCode {
  code: string;
  missing: string[];
}

/** The code of one cell. `called`: where the job's script is a function and its call. */
export function sdkCode(
  job: Json,
  { called, named = true, connection }: Partial<ISdkOptions> & { called?: ICalled } = {}
): ISdkCode {
  const draft = readDraft(job);
  const missing = unsaid(job, draft);
  const imports = new Set<string>(['TrainerClient']);
  const options = new Map<string, string>();
  const parts: string[] = [];
  if (called?.source !== undefined) {
    parts.push(`${called.source.trimEnd()}\n\n`);
  }
  if (named) {
    options.set(
      'Name',
      `# A name can be used once: change it to run this again.\nName(name=${pythonString(draft.name)})`
    );
  }
  const labels = object(object(job['metadata'])['labels']);
  const annotations = object(object(job['metadata'])['annotations']);
  const deadline = object(job['spec'])['activeDeadlineSeconds'];
  if (Object.keys(labels).length > 0) {
    options.set('Labels', `Labels(labels=${pythonLiteral(labels)})`);
  }
  if (Object.keys(annotations).length > 0) {
    options.set('Annotations', `Annotations(annotations=${pythonLiteral(annotations)})`);
  }
  if (typeof deadline === 'number') {
    options.set('ActiveDeadlineSeconds', `ActiveDeadlineSeconds(seconds=${deadline})`);
  }
  const shared = trainerFields(job, draft);
  const trainer = called
    ? call('CustomTrainer', [
        ['func', called.name],
        ['func_args', called.call.size > 0 ? dictionary(called.call) : undefined],
        ['image', draft.image ? pythonString(draft.image) : undefined],
        ...shared
      ])
    : shared.length > 0 || draft.image
      ? call('CustomTrainerContainer', [['image', pythonString(draft.image)], ...shared])
      : undefined;
  if (trainer) {
    imports.add(called ? 'CustomTrainer' : 'CustomTrainerContainer');
  }
  if (!called) {
    const command = list(object(object(job['spec'])['trainer'])['command']).map(String);
    if (draft.code.kind === 'script') {
      parts.push(`script = ${block(command.at(-2) ?? '')}\n`);
      const shown = command.map((part, at) =>
        at === command.length - 2 ? 'script' : pythonString(part)
      );
      options.set('TrainerCommand', `TrainerCommand(command=[${shown.join(', ')}])`);
    } else if (command.length > 0) {
      options.set('TrainerCommand', `TrainerCommand(command=${pythonLiteral(command)})`);
    }
    if (draft.args.length > 0) {
      options.set('TrainerArgs', `TrainerArgs(args=${pythonLiteral(draft.args)})`);
    }
  }
  const initializer = initializers(job, draft, imports);
  const patches = checkpointPatch(draft);
  if (patches) {
    options.set('RuntimePatch', patches.code);
  }
  const made = client(job, connection, imports);
  const optionNames = [...options.keys(), ...(patches?.imports ?? [])];
  const arguments_ = [
    ['runtime', pythonString(draft.runtime.name)],
    ['initializer', initializer],
    ['trainer', trainer],
    ['options', options.size > 0 ? listed([...options.values()]) : undefined]
  ] as [string, string | undefined][];
  return {
    missing,
    code: [
      ...missing.map(each => `# ${each}\n`),
      ...(connection?.kind === 'local' ? ['from jupyterlab_kubeflow.local import process\n'] : []),
      `from kubeflow.trainer import ${sorted(imports)}\n`,
      ...(optionNames.length > 0
        ? [`from kubeflow.trainer.options import ${sorted(optionNames)}\n`]
        : []),
      '\n',
      ...parts,
      ...(parts.length > 0 ? ['\n'] : []),
      made,
      `job = ${call('client.train', arguments_)}\n`,
      'job\n'
    ].join('')
  };
}

/** The client of the job's cluster and namespace. */
function client(job: Json, connection: ISdkOptions['connection'], imports: Set<string>): string {
  const namespace = text(object(job['metadata'])['namespace']);
  const given: [string, string | undefined][] = [
    ['config_file', connection?.kind === 'local' ? 'process.start().kubeconfig' : undefined],
    ['context', connection?.kind === 'kubeconfig' ? pythonString(connection.name) : undefined],
    ['namespace', namespace && pythonString(namespace)]
  ];
  const lines = given.filter(([, value]) => value !== undefined);
  if (lines.length === 0) {
    return 'client = TrainerClient()\n';
  }
  imports.add('KubernetesBackendConfig');
  return `config = ${call('KubernetesBackendConfig', lines)}\nclient = TrainerClient(config)\n`;
}

/** What of the job the SDK has no words for. */
function unsaid(job: Json, draft: IDraft): string[] {
  const spec = object(job['spec']);
  const trainer = object(spec['trainer']);
  const resources = object(trainer['resourcesPerNode']);
  const hidden = hiddenVariables(object(job['spec']));
  const found: [unknown, string][] = [
    [draft.suspend, 'spec.suspend: TrainerClient starts the job at once.'],
    [draft.processes, 'spec.trainer.numProcPerNode: TrainerClient leaves it to the runtime.'],
    [hidden, 'spec.trainer.env: variables from secrets and the like are left out.'],
    [
      !sameAmounts(object(resources['requests']), object(resources['limits'])) ||
        list(resources['claims']).length > 0,
      'spec.trainer.resourcesPerNode: TrainerClient sets requests and limits alike.'
    ],
    [
      ['dataset', 'model'].some(each => object(object(spec['initializer'])[each])['secretRef']),
      'spec.initializer: secretRef is left out.'
    ],
    [
      patchesBeside(spec, draft),
      'spec.runtimePatches: patches other than the checkpoint volume are left out.'
    ],
    [spec['podTemplateOverrides'], 'spec.podTemplateOverrides is left out.']
  ];
  return found.filter(([there]) => there).map(([, words]) => words);
}

function patchesBeside(spec: Json, draft: IDraft): boolean {
  const patches = list(spec['runtimePatches']);
  return patches.length > (draft.checkpoint.claim ? 1 : 0);
}

function trainerFields(job: Json, draft: IDraft): [string, string | undefined][] {
  const { numNodes, resourcesPerNode } = object(object(job['spec'])['trainer']);
  const asked = object(resourcesPerNode);
  const amounts = { ...object(asked['requests']), ...object(asked['limits']) };
  const env = Object.fromEntries(draft.env.map(({ name, value }) => [name, value]));
  const given: [string, string | undefined][] = [
    ['num_nodes', numNodes === undefined ? undefined : pythonLiteral(numNodes)],
    ['resources_per_node', Object.keys(amounts).length > 0 ? pythonLiteral(amounts) : undefined],
    ['env', draft.env.length > 0 ? pythonLiteral(env) : undefined]
  ];
  return given.filter(([, value]) => value !== undefined);
}

const HUB = { dataset: 'HuggingFaceDatasetInitializer', model: 'HuggingFaceModelInitializer' };
const S3 = { dataset: 'S3DatasetInitializer', model: 'S3ModelInitializer' };

function initializers(job: Json, draft: IDraft, imports: Set<string>): string | undefined {
  const given: [string, string | undefined][] = [];
  for (const each of ['dataset', 'model'] as const) {
    const uri = draft[each];
    if (uri) {
      const type = (uri.startsWith('s3://') ? S3 : HUB)[each];
      imports.add(type);
      const fields: [string, string | undefined][] = [['storage_uri', pythonString(uri)]];
      const env = list(object(object(object(job['spec'])['initializer'])[each])['env']).map(object);
      // By default a model's initializer leaves out files, by a variable.
      const patterns = env.find(one => one['name'] === 'IGNORE_PATTERNS');
      if (patterns || each === 'model') {
        const value = text(patterns?.['value']);
        fields.push(['ignore_patterns', value ? pythonLiteral(value.split(',')) : 'None']);
      }
      given.push([each, call(type, fields)]);
    }
  }
  if (given.length === 0) {
    return undefined;
  }
  imports.add('Initializer');
  return call('Initializer', given);
}

function checkpointPatch({ checkpoint }: IDraft): { code: string; imports: string[] } | undefined {
  const { claim, path } = checkpoint;
  if (!claim) {
    return undefined;
  }
  const volume = pythonLiteral([
    { name: 'checkpoints', persistentVolumeClaim: { claimName: claim } }
  ]);
  const mount = pythonLiteral([{ name: 'checkpoints', mountPath: path }]);
  const wrap = (names: [string, string][], inner: string) =>
    names.reduceRight((body, [name, field]) => `${name}(${field}=${body})`, inner);
  const pod = call('PodSpecPatch', [
    ['containers', `[ContainerPatch(name='node', volume_mounts=${mount})]`],
    ['volumes', volume]
  ]);
  const job = `ReplicatedJobPatch(name='node', template=${wrap(
    [
      ['JobTemplatePatch', 'spec'],
      ['JobSpecPatch', 'template'],
      ['PodTemplatePatch', 'spec']
    ],
    pod
  )})`;
  return {
    code: wrap(
      [
        ['RuntimePatch', 'training_runtime_spec'],
        ['TrainingRuntimeSpecPatch', 'template'],
        ['JobSetTemplatePatch', 'spec'],
        ['JobSetSpecPatch', 'replicated_jobs']
      ],
      `[${job}]`
    ),
    imports: [
      'TrainingRuntimeSpecPatch',
      'JobSetTemplatePatch',
      'JobSetSpecPatch',
      'ReplicatedJobPatch',
      'JobTemplatePatch',
      'JobSpecPatch',
      'PodTemplatePatch',
      'PodSpecPatch',
      'ContainerPatch'
    ]
  };
}

/** A call with each argument on a line of its own. */
function call(name: string, given: readonly [string, string | undefined][]): string {
  const lines = given
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `    ${key}=${indented(value!)},\n`);
  return `${name}(\n${lines.join('')})`;
}

function listed(items: readonly string[]): string {
  return `[\n${items.map(each => `    ${indented(each)},\n`).join('')}]`;
}

/** Code that stands deeper: what is made here has line breaks between tokens only. */
function indented(code: string): string {
  return code.replaceAll('\n', '\n    ');
}

function dictionary(entries: ReadonlyMap<string, string>): string {
  return `{${[...entries].map(([key, value]) => `${pythonString(key)}: ${value}`).join(', ')}}`;
}

/** A text of many lines as Python source, readable: one string a line. */
function block(value: string): string {
  const lines = value.split(/(?<=\n)/);
  return `(\n${lines.map(line => `    ${pythonString(line)}\n`).join('')})`;
}

function sameAmounts(one: Json, other: Json): boolean {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.every(name => one[name] !== undefined && String(one[name]) === String(other[name]));
}

function sorted(names: Iterable<string>): string {
  return [...names].sort().join(', ');
}
