/** What a filter's text finds among models and versions. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IModelVersion, IRegisteredModel } from '../client/registry';
import { labelsOf, propertiesOf } from './model/properties';

type Item = IRegisteredModel | IModelVersion;

/** Whether the user put it aside. */
export function isArchived({ state }: Pick<Item, 'state'>): boolean {
  return state === 'ARCHIVED';
}

/**
 * The choice of states of a list, active ones first.
 * @param none - what is said where there are archived ones only, and what shows them
 */
export function stateOptions(trans: TranslationBundle, none: { message: string; label: string }) {
  return [
    {
      value: 'active',
      label: trans.__('Active'),
      test: (item: Item) => !isArchived(item),
      none: { message: none.message, go: { label: none.label, to: 'archived' } }
    },
    { value: 'archived', label: trans.__('Archived'), test: isArchived },
    { value: 'all', label: trans.__('All'), test: () => true }
  ];
}

/**
 * Whether each word of the text is found: `name=value` in a property (also `name>0.9`, `<`, `>=`, `<=` in one that is a number), any other word
 * in the name, description, owner, labels or properties. Case does not matter; an empty text finds all.
 */
export function holds(item: Item, text: string): boolean {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 || words.every(word => holdsWord(item, word));
}

const CONDITION = /^([^=<>]+)(=|>=|<=|>|<)(.+)$/;

function holdsWord(item: Item, word: string): boolean {
  const [, name = '', operator = '', wanted = ''] = CONDITION.exec(word) ?? [];
  if (operator) {
    const bound = Number(wanted);
    return propertiesOf(item.customProperties).some(property => {
      if (property.name.toLowerCase() !== name) {
        return false;
      }
      if (operator === '=') {
        return property.text.toLowerCase() === wanted || property.number === bound;
      }
      const { number } = property;
      return (
        number !== undefined &&
        { '>': number > bound, '<': number < bound, '>=': number >= bound, '<=': number <= bound }[
          operator
        ] === true
      );
    });
  }
  return textOf(item).includes(word);
}

/** Everything of an item that a word is looked for in, in small letters. Read once of the same object. */
function textOf(item: Item): string {
  let text = texts.get(item);
  if (text === undefined) {
    const owner = 'owner' in item ? item.owner : 'author' in item ? item.author : undefined;
    const { name, description, externalId, customProperties } = item;
    text = [
      ...[name, description, externalId, owner],
      ...labelsOf(customProperties),
      ...propertiesOf(customProperties).flatMap(each => [each.name, each.text])
    ]
      .join('\n')
      .toLowerCase();
    texts.set(item, text);
  }
  return text;
}

const texts = new WeakMap<Item, string>();
