/**
 * Where a model is stored: the URIs that KServe's storage initialiser takes, checked and told in parts. The same rules, with the same words,
 * as `jupyterlab_kubeflow.models.uri`; `jupyter_extension/tests/models/uris.json` holds both to one another.
 */

/** A storage URI that passed the checks; which parts there are depends on the scheme, as in `StorageUri` of `models/uri.py`. */
export interface IStorageUri {
  scheme: string;
  /** How it is written down: the scheme in small letters, a local path as `file://…`. */
  uri: string;
  parts: Record<string, string>;
}

/** A URI that cannot be used: which part is wrong, and what to do. */
export interface IUriProblem {
  part: string;
  message: string;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^]*)$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const CLAIM = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const HUB_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$/;
const REVISION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const REGISTRY = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HOST =
  /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?)$/;
const AZURE =
  /^([A-Za-z0-9-]+)\.(?:blob\.core\.windows\.net|file\.core\.windows\.net|z[0-9]{1,2}\.(?:blob|file)\.storage\.azure\.net)$/;
const ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const SECRET =
  /[?&](sig|x-amz-signature|x-amz-security-token|x-goog-signature|access_token|token|password)=/i;
const AZURE_FORM = 'https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH';
const INSTEAD = new Map([
  ...['abfs', 'abfss', 'az', 'azure', 'wasb', 'wasbs'].map((scheme): [string, string] => [
    scheme,
    AZURE_FORM
  ]),
  ['gcs', 'gs://BUCKET/PATH'],
  ['huggingface', 'hf://OWNER/MODEL'],
  ['minio', 's3://BUCKET/PATH?endpoint=URL'],
  ['s3a', 's3://BUCKET/PATH'],
  ['s3n', 's3://BUCKET/PATH']
]);
const KNOWN = 'file, s3, gs, pvc, oci, hf, modelscope, https, http, hdfs and webhdfs';

class Wrong extends Error {
  constructor(
    readonly part: string,
    message: string
  ) {
    super(message);
  }
}

/** The checked URI of `text`, a URI or an absolute path, or what is wrong with it. */
export function storageUri(text: string): IStorageUri | IUriProblem {
  try {
    return checked(text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
  } catch (error) {
    if (error instanceof Wrong) {
      return { part: error.part, message: error.message };
    }
    throw error;
  }
}

/** Whether {@link storageUri} found something wrong. */
export function isUriProblem(found: IStorageUri | IUriProblem): found is IUriProblem {
  return 'message' in found;
}

/**
 * The URI of an absolute path. Only `%`, `?`, `#` and spaces at its end are encoded, since KServe decodes nothing: any other path it reads as
 * it is.
 */
export function fileUri(path: string): string {
  const encoded = path
    .replace(/%/g, '%25')
    .replace(/\?/g, '%3F')
    .replace(/#/g, '%23')
    .replace(/ +$/, spaces => '%20'.repeat(spaces.length));
  return `file://${encoded}`;
}

function checked(given: string): IStorageUri {
  if (!given) {
    throw new Wrong('uri', 'Give the URI of the model, for example s3://bucket/path.');
  }
  if (CONTROL.test(given)) {
    throw new Wrong('uri', 'The URI has a control character in it. Remove it.');
  }
  if (given.startsWith('/')) {
    return file(given);
  }
  const match = SCHEME.exec(given);
  if (!match) {
    throw new Wrong(
      'scheme',
      'The URI has no scheme. Begin it with one, for example s3://, or give an absolute path.'
    );
  }
  const [, name = '', rest = ''] = match;
  const scheme = name.toLowerCase();
  const read = READERS.get(scheme);
  if (!read) {
    throw new Wrong('scheme', unknown(scheme));
  }
  if (SECRET.test(rest)) {
    throw new Wrong(
      'query',
      'The URI holds a credential, which everybody who sees the registry could read. Leave it out and put it into a secret.'
    );
  }
  return read(scheme, rest);
}

function unknown(scheme: string): string {
  if (scheme === 'model-registry') {
    return 'model-registry:// points to a registry, not to where the model is stored. Give that.';
  }
  const instead = INSTEAD.get(scheme);
  return instead
    ? `KServe reads no ${scheme}://. Write ${instead}.`
    : `KServe reads no ${scheme}://. Use one of ${KNOWN}.`;
}

/** The text before and after the first `mark`, and whether there is one. */
function partition(text: string, mark: string): [string, boolean, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, false, ''] : [text.slice(0, at), true, text.slice(at + mark.length)];
}

function decoded(text: string, part: string): string {
  if (ESCAPE.test(text)) {
    throw new Wrong(part, `The ${part} has a % that stands for no character. Write it as %25.`);
  }
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Wrong(
      part,
      `The ${part} has an escape that stands for no character. Write it in UTF-8.`
    );
  }
}

function noClimbing(path: string): void {
  if (path.split('/').includes('..')) {
    throw new Wrong('path', 'The path has .. in it. Write it without.');
  }
}

const bare = (path: string) => path.replace(/^\/+|\/+$/g, '');

function file(path: string): IStorageUri {
  if (CONTROL.test(path)) {
    throw new Wrong('path', 'The path has a control character in it. Rename the file.');
  }
  noClimbing(path);
  if (!bare(path)) {
    throw new Wrong(
      'path',
      'The URI names no file. Add its path, for example file:///home/me/model.'
    );
  }
  return { scheme: 'file', uri: fileUri(path), parts: { path } };
}

function local(_scheme: string, given: string): IStorageUri {
  const rest = given.startsWith('localhost/') ? given.slice('localhost'.length) : given;
  if (!rest.startsWith('/')) {
    throw new Wrong(
      'path',
      'A file: URI has three slashes and an absolute path, for example file:///home/me/model.'
    );
  }
  if (/[?#]/.test(rest)) {
    throw new Wrong('path', 'The path has a ? or # in it. Write it as %3F or %23.');
  }
  return file(decoded(rest, 'path'));
}

function inBucket(scheme: string, rest: string): Record<string, string> {
  const [bucket, , path] = partition(rest, '/');
  if (!bucket) {
    throw new Wrong('bucket', `The URI names no bucket. Write ${scheme}://BUCKET/PATH.`);
  }
  if (!BUCKET.test(bucket)) {
    throw new Wrong(
      'bucket',
      `"${bucket}" is no name of a bucket: 3 to 222 small letters, digits, dots, hyphens and underscores, a letter or digit at both ends.`
    );
  }
  return { bucket, path };
}

function s3(scheme: string, rest: string): IStorageUri {
  const [location, asked, query] = partition(rest, '?');
  const parts = inBucket(scheme, location);
  for (const pair of asked ? query.split('&') : []) {
    const [name, , value] = partition(pair, '=');
    if (name === 'endpoint') {
      parts.endpoint = endpoint(decoded(value, 'endpoint'));
    } else if (name === 'defaultRegion' && value) {
      parts.region = decoded(value, 'region');
    } else {
      throw new Wrong('query', 'After ? there may be endpoint=URL and defaultRegion=REGION only.');
    }
  }
  return { scheme, uri: `${scheme}://${rest}`, parts };
}

function endpoint(url: string): string {
  const match = SCHEME.exec(url);
  const [, scheme = '', rest = ''] = match ?? [];
  const [host = ''] = rest.split('/');
  if (!match || !/^https?$/.test(scheme) || !HOST.test(host)) {
    throw new Wrong(
      'endpoint',
      'The endpoint must be an http or https URL, for example https://s3.example.com.'
    );
  }
  return url;
}

function gs(scheme: string, rest: string): IStorageUri {
  return { scheme, uri: `${scheme}://${rest}`, parts: inBucket(scheme, rest) };
}

function pvc(scheme: string, rest: string): IStorageUri {
  const [claim, , path] = partition(rest, '/');
  if (!claim) {
    throw new Wrong('claim', 'The URI names no volume claim. Write pvc://CLAIM/PATH.');
  }
  if (!CLAIM.test(claim)) {
    throw new Wrong(
      'claim',
      `"${claim}" is no name of a volume claim: small letters, digits, hyphens and dots, a letter or digit at both ends.`
    );
  }
  noClimbing(path);
  return { scheme, uri: `${scheme}://${rest}`, parts: { claim, path } };
}

function hub(scheme: string, rest: string): IStorageUri {
  const [owner, slash, named] = partition(rest, '/');
  const [model, colon, revision] = partition(named, ':');
  if (!owner || !slash || !model || named.includes('/')) {
    throw new Wrong('model', `Write ${scheme}://OWNER/MODEL or ${scheme}://OWNER/MODEL:REVISION.`);
  }
  const parts: Record<string, string> = { owner, model };
  for (const [part, value] of Object.entries(parts)) {
    if (!HUB_NAME.test(value)) {
      throw new Wrong(
        part,
        `"${value}" cannot be the ${part}: up to 96 letters, digits, dots, hyphens and underscores.`
      );
    }
  }
  if (colon) {
    if (!REVISION.test(revision)) {
      throw new Wrong(
        'revision',
        'After : there must be a branch, a tag or a commit without a slash.'
      );
    }
    parts.revision = revision;
  }
  return { scheme, uri: `${scheme}://${rest}`, parts };
}

function oci(scheme: string, rest: string): IStorageUri {
  const [whole, at, digest] = partition(rest, '@');
  const parts: Record<string, string> = {};
  let image = whole;
  const [first, slash, others] = partition(whole, '/');
  if (slash && (/[.:]/.test(first) || first === 'localhost')) {
    if (!REGISTRY.test(first)) {
      throw new Wrong('registry', `"${first}" is no host of a registry. Write HOST or HOST:PORT.`);
    }
    parts.registry = first;
    image = others;
  }
  const [repository, colon, tag] = partition(image, ':');
  if (!repository) {
    throw new Wrong(
      'repository',
      `The URI names no image. Write ${scheme}://REGISTRY/REPOSITORY:TAG.`
    );
  }
  if (!REPOSITORY.test(repository)) {
    throw new Wrong(
      'repository',
      `"${repository}" is no name of an image: small letters, digits, dots, hyphens and underscores between slashes.`
    );
  }
  parts.repository = repository;
  if (colon) {
    if (!TAG.test(tag)) {
      throw new Wrong(
        'tag',
        'After : there must be a tag: letters, digits, dots, hyphens and underscores.'
      );
    }
    parts.tag = tag;
  }
  if (at) {
    if (!DIGEST.test(digest)) {
      throw new Wrong('digest', 'After @ there must be sha256: and 64 hexadecimal digits.');
    }
    parts.digest = digest;
  }
  return { scheme: 'oci', uri: `${scheme}://${rest}`, parts };
}

function web(scheme: string, rest: string): IStorageUri {
  const [host, , path] = partition(rest, '/');
  if (host.includes('@')) {
    throw new Wrong(
      'host',
      'The URI holds a user or a password. Leave it out and put it into a secret.'
    );
  }
  if (!host) {
    throw new Wrong('host', `The URI names no host. Write ${scheme}://HOST/PATH.`);
  }
  if (!HOST.test(host)) {
    throw new Wrong('host', `"${host}" is no host. Write HOST or HOST:PORT.`);
  }
  const account = AZURE.exec(host)?.[1];
  if (account) {
    return azure(scheme, rest, account, path);
  }
  if (!bare(path.split('?')[0] ?? '')) {
    throw new Wrong('path', 'The URI names no file. Add its path after the host.');
  }
  return { scheme, uri: `${scheme}://${rest}`, parts: { host, path } };
}

function azure(scheme: string, rest: string, account: string, inAccount: string): IStorageUri {
  if (scheme !== 'https') {
    throw new Wrong(
      'scheme',
      "Azure's storage is reached by https. Write https:// in place of http://."
    );
  }
  const [container, , path] = partition(inAccount, '/');
  if (!container || !bare(path)) {
    throw new Wrong('path', `The URI names no container with a path. Write ${AZURE_FORM}.`);
  }
  const parts = { account, container, path };
  return { scheme: 'azure', uri: `${scheme}://${rest}`, parts };
}

function hdfs(scheme: string, rest: string): IStorageUri {
  if (!bare(rest)) {
    throw new Wrong('path', `The URI names no file. Write ${scheme}://PATH.`);
  }
  return { scheme: 'hdfs', uri: `${scheme}://${rest}`, parts: { path: rest } };
}

const READERS = new Map([
  ['file', local],
  ['s3', s3],
  ['gs', gs],
  ['pvc', pvc],
  ['hf', hub],
  ['modelscope', hub],
  ['oci', oci],
  ['oci+native', oci],
  ['oci+fetch', oci],
  ['http', web],
  ['https', web],
  ['hdfs', hdfs],
  ['webhdfs', hdfs]
]);
