import { ApiError } from './errors';
import type { Query } from './transport';

/** KFP's object stores as the UI server names them, by their scheme. */
const STORES: Record<string, string> = { minio: 'minio', s3: 's3', gs: 'gcs' };

/**
 * The query of the KFP UI server's `/artifacts/get` for an artifact's address: `minio://`, `s3://`, `gs://`, `http(s)://`, and absolute
 * paths and `file://` for Local Kubeflow. Throws an `ApiError` for any other.
 */
export function artifactQuery(uri: string, namespace?: string): Query {
  const file = /^(?:file:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (file !== undefined) {
    return { source: 'file', key: uri.startsWith('/') ? file : decode(file) };
  }
  const [, scheme = '', bucket = '', key = ''] = /^([a-z0-9]+):\/\/([^/]+)\/(.+)$/i.exec(uri) ?? [];
  const source = STORES[scheme.toLowerCase()] ?? /^https?$/i.exec(scheme)?.[0].toLowerCase();
  if (!source) {
    throw new ApiError({
      service: 'pipelines-ui',
      status: 400,
      reason: 'Invalid',
      message: `“${uri}” is not an address whose content can be shown: minio://, s3://, gs://, http(s):// and absolute paths can.`
    });
  }
  return { source, bucket, key, namespace };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
