/**
 * The Python that creates the same tuning experiment. `OptimizerClient` of the Kubeflow SDK (0.5) takes two algorithms only and knows neither whole numbers,
 * steps, goals nor early stopping, and reads no experiment that has them. So the object itself is created, by the client of Kubernetes that the SDK uses. Pure.
 */
import { type Json, list, object, text } from '../../graph/wire';
import { pythonLiteral, pythonString } from '../../ui/training/script';
import type { ISdkOptions } from '../../ui/training/sdkCell';
import type { StudyKind } from '../context';

const RESOURCES = {
  Experiment: ['kubeflow.org', 'v1beta1', 'experiments'],
  OptimizationJob: ['trainer.kubeflow.org', 'v1alpha1', 'optimizationjobs']
} as const;

/** The code of one cell. */
export function sdkCode(
  of: Json,
  { kind, named, connection }: ISdkOptions & { kind: StudyKind }
): string {
  const { script, body } = withoutScript(of);
  const metadata = object(body['metadata']);
  const name = text(metadata['name']) ?? '';
  const namespace = text(metadata['namespace']) ?? 'default';
  const [group, version, plural] = RESOURCES[kind];
  const isLocal = connection?.kind === 'local';
  const stem = name.replace(/-[a-z0-9]{5}$/, '');
  const shown = named
    ? body
    : {
        ...body,
        metadata: { ...metadata, name: new Source(`f${pythonString(`${stem}-{token_hex(2)}`)}`) }
      };
  const config = isLocal
    ? 'config.load_kube_config(process.start().kubeconfig)\n'
    : connection?.kind === 'in-cluster'
      ? 'config.load_incluster_config()\n'
      : `config.load_kube_config(${connection?.kind === 'kubeconfig' ? `context=${pythonString(connection.name)}` : ''})\n`;
  return [
    ...(named ? [] : ['from secrets import token_hex\n\n']),
    ...(isLocal ? ['from jupyterlab_kubeflow.local import process\n'] : []),
    'from kubernetes import client, config\n\n',
    ...(script === undefined ? [] : [`script = ${block(script)}\n\n`]),
    ...(named ? ['# A name can be used once: change it to run this again.\n'] : []),
    `experiment = ${layout(shown)}\n\n`,
    config,
    `made = client.CustomObjectsApi().create_namespaced_custom_object(\n    ${[group, version, namespace, plural].map(pythonString).join(', ')}, experiment\n)\n`,
    'made["metadata"]["name"]\n'
  ].join('');
}

/** Python that stands for a value. */
class Source {
  constructor(readonly code: string) {}
}

/** The object with its script by the name `script`, so that it can be read. */
function withoutScript(of: Json): { script: string | undefined; body: Json } {
  const body = structuredClone(of);
  const spec = object(body['spec']);
  const run =
    body['kind'] === 'Experiment'
      ? object(object(object(spec['trialTemplate'])['trialSpec'])['spec'])
      : object(object(spec['trainJobTemplate'])['spec']);
  const command = list(object(run['trainer'])['command']);
  const at = command.findIndex(each => typeof each === 'string' && each.includes('\n'));
  if (at < 0) {
    return { script: undefined, body };
  }
  const script = String(command[at]);
  command[at] = new Source('script');
  object(run['trainer'])['command'] = command;
  return { script, body };
}

/** A value as Python: objects and lists of more than one short item on several lines. */
function layout(value: unknown): string {
  if (value instanceof Source) {
    return value.code;
  }
  const items = Array.isArray(value)
    ? value.map(layout)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, item]) => `${pythonString(key)}: ${layout(item)}`)
      : undefined;
  if (!items) {
    return pythonLiteral(value);
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const line = items.join(', ');
  return line.length <= 72 && !line.includes('\n')
    ? `${open}${line}${close}`
    : `${open}\n${items.map(each => `    ${each.replaceAll('\n', '\n    ')},\n`).join('')}${close}`;
}

/** A text of many lines as Python source, readable: one string a line. */
function block(value: string): string {
  return `(\n${value
    .split(/(?<=\n)/)
    .map(line => `    ${pythonString(line)}\n`)
    .join('')})`;
}
