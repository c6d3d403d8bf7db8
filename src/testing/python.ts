import * as path from 'node:path';

const root = path.resolve(__dirname, '..', '..');

/** The interpreter of the specs: `KUBEFLOW_TEST_PYTHON`, by default that of the checkout's `.venv`. */
export const python = (): string =>
  process.env['KUBEFLOW_TEST_PYTHON'] ?? path.join(root, '.venv', 'bin', 'python');

/** An environment in which Python finds the checkout's package. */
export function pythonEnvironment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const known = process.env['PYTHONPATH'];
  const source = path.join(root, 'jupyter_extension');
  return {
    ...process.env,
    PYTHONPATH: known ? `${source}${path.delimiter}${known}` : source,
    ...extra
  };
}
