/** Models in files: what the Jupyter server finds out of one without loading it (docs/models.md). */
import { errorFromAnswer } from './errors';
import { textOf } from './http';
import type { IJupyterServer } from './jupyter';

/** An input or output of a model. */
export interface IModelTensor {
  name: string;
  /** As of the open inference protocol (`FP32`, `INT64`, `BYTES`), else the format's own word; `null`: not told. */
  type: string | null;
  /** A number, the name of a free dimension or `null` for each dimension; `null` as a whole: not told. */
  shape: (number | string | null)[] | null;
}

/** A format or framework with its version, where that is told. */
export interface IVersioned {
  name: string;
  version: string | null;
}

/** What a file or folder is as a model. Without `encoding` it is in no format that is known. */
export interface IModelInspection {
  /** The name of the file or folder. */
  name: string;
  /** The storage URI to register it by; nothing is copied. */
  uri: string;
  folder: boolean;
  files: number;
  /** Bytes of all files. */
  size: number;
  /** How the model is written: `joblib`, `onnx`, `xgboost-ubj` … */
  encoding?: string;
  /** For `modelFormatName` and `modelFormatVersion`, as KServe's runtimes name them. */
  format?: IVersioned | null;
  framework?: IVersioned | null;
  signature?: { inputs: IModelTensor[]; outputs: IModelTensor[]; features: string[] } | null;
  /** Why loading it can run code, what it refers to, and what of that no model needs. */
  unsafe?: { reason: string; names: string[]; suspicious: string[] } | null;
  details: Record<string, string | number>;
  /** Sentences on what could go wrong. */
  notes: string[];
}

/** Which model: a path of the Jupyter server's files without a drive, or a URI of what Local Kubeflow keeps (`namespace` for `pvc:`). */
export type ModelPlace = { path: string } | { uri: string; namespace?: string };

/** What is told of a model, in this order: once what it is, how far its digest is, at last the digest. */
export type ModelReport =
  | { inspection: IModelInspection }
  | { progress: { done: number; size: number } }
  | { sha256: string };

/**
 * Looks at a model; leaving the loop or aborting ends the reading of its files. Throws an `ApiError` when it cannot be read (`details.field` names
 * the field, the message the file), also after the inspection, and the signal's `AbortError`.
 * @param options.digest - `false` for the inspection alone
 */
export async function* inspectModel(
  server: Pick<IJupyterServer, 'response'>,
  place: ModelPlace,
  options: { digest?: boolean; signal?: AbortSignal } = {}
): AsyncGenerator<ModelReport> {
  const { digest = true, signal } = options;
  const response = await server.response({
    method: 'POST',
    path: '/models/inspect',
    json: { ...place, digest },
    signal
  });
  for await (const line of textOf('jupyter', response, 'ndjson', signal)) {
    const report: ModelReport | { error: { status: number } } = JSON.parse(line);
    if ('error' in report) {
      throw errorFromAnswer('jupyter', report.error.status, JSON.stringify(report.error));
    }
    yield report;
  }
}
