/** What a registration begins with. Pure. */
import type { CustomProperties, IModelArtifactCreate } from '../../client/registry';
import { type Args, text } from '../../ui/commands';
import type { IRegisterSeed, SourceKind } from '../../ui/registering';
import { typed } from '../model/properties';
import { SOURCE_KINDS } from '../model/source';

/** The arguments of the command: texts, and `source` and `properties` as objects. */
export function seedOf(args: Args): IRegisterSeed {
  const source = args['source'] as unknown as IRegisterSeed['source'];
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

const CLASSES: Partial<Record<SourceKind, string>> = {
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
