import type { IModelVersion } from '../client/registry';
import { holds, isArchived } from './search';

const VERSION: IModelVersion = {
  id: '7',
  registeredModelId: '1',
  name: 'v7',
  author: 'ana',
  description: 'Trained on **digits**',
  createTimeSinceEpoch: '1',
  lastUpdateTimeSinceEpoch: '2',
  customProperties: {
    vision: { metadataType: 'MetadataStringValue', string_value: '' },
    team: { metadataType: 'MetadataStringValue', string_value: 'Fraud' },
    accuracy: { metadataType: 'MetadataDoubleValue', double_value: 0.97 }
  }
};

it.each([
  ['', true],
  ['V7', true],
  ['ana digits', true],
  ['ana letters', false],
  ['vision', true],
  ['fraud', true],
  ['team=fraud', true],
  ['team=other', false],
  ['accuracy=0.970', true],
  ['accuracy>0.9', true],
  ['accuracy>=0.97', true],
  ['accuracy<0.97', false],
  ['team>0', false],
  ['loss<1', false]
])('finds “%s”: %s', (text, found) => {
  expect(holds(VERSION, text)).toBe(found);
});

it('takes what has no state for active', () => {
  expect(isArchived(VERSION)).toBe(false);
  expect(isArchived({ ...VERSION, state: 'ARCHIVED' })).toBe(true);
});
