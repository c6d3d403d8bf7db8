/** What a registration begins with. Pure. */
import type { CustomProperties, IModelArtifactCreate } from '../../client/registry';
import { type Args, text } from '../../ui/commands';
import { typed } from '../model/properties';
import { type ISource, SOURCE_KINDS } from '../model/source';

/** What is known beforehand of what is to be registered; each may be changed in the form. */
export interface IRegisterSeed {
  /** A file or folder of the Jupyter server. */
  path?: string;
  /** Where the model is stored. */
  uri?: string;
  /** The registered model of which it is another version. */
  model?: string;
  /** What it was made by. */
  source?: Pick<ISource, 'kind' | 'id' | 'name' | 'namespace' | 'class'>;
  /** Of the version: metrics and parameters, as texts. */
  properties?: Readonly<Record<string, string>>;
}

/** The arguments of the command: texts, and `source` and `properties` as objects. */
export function seedOf(args: Args): IRegisterSeed {
  const source = args['source'] as IRegisterSeed['source'];
  const properties = args['properties'] as IRegisterSeed['properties'];
  return {
    path: text(args, 'path'),
    uri: text(args, 'uri'),
    model: text(args, 'model'),
    ...(source && { source }),
    ...(properties && { properties })
  };
}

/** What the artifact says of what made it, in the fields that other user interfaces read. */
export function sourceFields(source: IRegisterSeed['source']): Partial<IModelArtifactCreate> {
  if (!source) {
    return {};
  }
  const { kind, id, name, namespace } = source;
  return {
    modelSourceKind: kind in SOURCE_KINDS ? SOURCE_KINDS[kind as keyof typeof SOURCE_KINDS] : kind,
    modelSourceClass: source.class ?? CLASSES[kind],
    modelSourceName: name,
    ...(id && { modelSourceId: id }),
    ...(namespace && { modelSourceGroup: namespace })
  };
}

const CLASSES: Partial<Record<ISource['kind'], string>> = {
  run: 'pipelinerun',
  'train-job': 'trainjob',
  trial: 'trial',
  notebook: 'notebook'
};

/** Texts as custom properties: numbers become numbers. Empty ones are left out, since they would be labels. */
export function propertiesOfTexts(texts: Readonly<Record<string, string>>): CustomProperties {
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, typed(value)])
  );
}
