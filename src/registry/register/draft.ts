/** The fields of a registration, and what is wrong with them. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IModelInspection } from '../../client/modelFiles';
import type { IRegisterSeed } from '../../ui/registering';
import { isUriProblem, storageUri } from '../../ui/storageUri';
import type { IRegistration } from './register';
import { propertiesOfTexts, sourceFields } from './seed';

/** What is typed, and what was found out of the files. */
export interface IDraft {
  model: string;
  version: string;
  uri: string;
  formatName: string;
  formatVersion: string;
  description: string;
  author: string;
  labels: string;
  /** What the server tells of the files; none for what it cannot read. */
  inspection?: IModelInspection;
  sha256?: string;
}

/** What the form begins with. */
export function draftOf(seed: IRegisterSeed, author: string): IDraft {
  const name = seed.path?.split('/').pop() ?? seed.source?.name ?? '';
  return {
    model: seed.model ?? modelName(name),
    version: '',
    uri: seed.uri ?? '',
    formatName: '',
    formatVersion: '',
    description: '',
    author,
    labels: ''
  };
}

/** A file's name without what tells its format. */
function modelName(file: string): string {
  return file.replace(
    /\.(joblib|pkl|pickle|onnx|safetensors|json|ubj|bst|txt|pt|pth|keras|h5|hdf5|zip|gz)$/gi,
    ''
  );
}

/** As many characters as other user interfaces take of a name. */
const LONGEST = 128;

/** What is wrong with a draft by its fields, and what it registers where nothing is. */
export function checkDraft(
  draft: IDraft,
  seed: IRegisterSeed,
  trans: TranslationBundle
): { problems: Partial<Record<keyof IDraft, string>>; registration?: IRegistration } {
  const problems: Partial<Record<keyof IDraft, string>> = {};
  const model = draft.model.trim();
  const version = draft.version.trim();
  if (model === '') {
    problems.model = trans.__('Give the model a name, for example digits.');
  } else if (model.length > LONGEST) {
    problems.model = trans.__('A name has at most %1 characters.', LONGEST);
  }
  if (version === '') {
    problems.version = trans.__('Give the version a name, for example v1.');
  } else if (version.length > LONGEST) {
    problems.version = trans.__('A name has at most %1 characters.', LONGEST);
  }
  const found = storageUri(draft.uri);
  if (isUriProblem(found)) {
    problems.uri = found.message;
  }
  if (draft.formatName.trim() === '' && draft.formatVersion.trim() !== '') {
    problems.formatName = trans.__('Say which format this is the version of, for example onnx.');
  }
  if (isUriProblem(found) || Object.keys(problems).length > 0) {
    return { problems };
  }
  const formatName = draft.formatName.trim();
  const formatVersion = draft.formatVersion.trim();
  return {
    problems,
    registration: {
      model,
      version,
      description: draft.description.trim(),
      author: draft.author.trim(),
      labels: draft.labels
        .split(',')
        .map(label => label.trim())
        .filter(Boolean),
      properties: { ...propertiesOfTexts(seed.properties ?? {}), ...foundProperties(draft) },
      artifact: {
        uri: found.uri,
        ...(formatName && { modelFormatName: formatName }),
        ...(formatVersion && { modelFormatVersion: formatVersion }),
        ...sourceFields(seed.source)
      }
    }
  };
}

/** What was found out of the files, as properties of the version: other user interfaces show none of an artifact. */
function foundProperties({ inspection, sha256 }: IDraft) {
  if (!inspection) {
    return {};
  }
  const { size, framework, signature, unsafe } = inspection;
  const tensors = (all: readonly { name: string; type: string | null; shape: unknown }[]) =>
    all.length > 0 ? JSON.stringify(all) : '';
  return propertiesOfTexts({
    size: String(size),
    sha256: sha256 ?? '',
    framework: framework ? [framework.name, framework.version].filter(Boolean).join(' ') : '',
    inputs: tensors(signature?.inputs ?? []),
    outputs: tensors(signature?.outputs ?? []),
    features: signature?.features.length ? JSON.stringify(signature.features) : '',
    unsafe: unsafe?.reason ?? ''
  });
}
