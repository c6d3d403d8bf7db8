import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import { giveElementsSize } from '../testing/element-size';
import { makeRegistryContext } from '../testing/panelContext';
import { makeConnection } from '../testing/pipelinesContext';
import { FakeRegistry } from '../testing/registry';
import { REGISTER } from '../ui/registering';
import { CommandIDs } from './context';
import { RegistryPanel } from './panel';

beforeAll(() => giveElementsSize(240, 400));

function show(registry: FakeRegistry, connection = connected()) {
  const context = makeRegistryContext(registry.transport, connection);
  const executed: [string, unknown][] = [];
  for (const id of [...Object.values(CommandIDs), REGISTER]) {
    context.commands.addCommand(id, {
      label: id,
      execute: args => void executed.push([id, { ...args }])
    });
  }
  render(<RegistryPanel context={context} />);
  return { context, executed };
}

function connected(registry: object = { available: true }) {
  return makeConnection({ components: { registry } as never });
}

function twoModels(): FakeRegistry {
  const registry = new FakeRegistry();
  registry.add('registered_models', {
    id: '1',
    name: 'fraud',
    state: 'LIVE',
    customProperties: { tabular: { metadataType: 'MetadataStringValue', string_value: '' } }
  });
  registry.add('registered_models', { id: '2', name: 'digits', state: 'LIVE' });
  registry.add('registered_models', { id: '3', name: 'old', state: 'ARCHIVED' });
  registry.add(
    'model_versions',
    { id: '8', name: 'v2', registeredModelId: '2' },
    'registered_models/2/versions'
  );
  return registry;
}

it('lists active models with their newest version, what was changed last first', async () => {
  const { executed } = show(twoModels());
  const rows = await screen.findAllByRole('row');
  expect(rows.map(row => row.getAttribute('aria-label'))).toEqual(['digits', 'fraud']);
  expect(await screen.findByText('v2')).toBeInTheDocument();
  expect(screen.getByText('2 of 3 models')).toHaveTextContent('updated live');
  fireEvent.doubleClick(rows[0]!);
  expect(executed).toEqual([[CommandIDs.openModel, { modelId: '2', name: 'digits' }]]);
});

it('finds models by label, and shows those in the archive', async () => {
  show(twoModels());
  await screen.findByRole('row', { name: 'fraud' });
  await userEvent.type(screen.getByRole('searchbox'), 'tabular');
  await waitFor(() => expect(screen.queryByRole('row', { name: 'digits' })).toBeNull());
  expect(screen.getByRole('row', { name: 'fraud' })).toBeInTheDocument();
  await userEvent.clear(screen.getByRole('searchbox'));
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'Archived');
  expect(await screen.findByRole('row', { name: 'old, archived' })).toBeInTheDocument();
});

it('leads to the archive where nothing else is there', async () => {
  const registry = new FakeRegistry();
  registry.add('registered_models', { id: '3', name: 'old', state: 'ARCHIVED' });
  show(registry);
  await userEvent.click(await screen.findByRole('button', { name: 'Show archived models' }));
  expect(await screen.findByRole('row', { name: 'old, archived' })).toBeInTheDocument();
});

it('says what fills an empty registry', async () => {
  const { executed } = show(new FakeRegistry());
  await userEvent.click(await screen.findByRole('button', { name: 'Register model…' }));
  expect(executed).toEqual([[REGISTER, {}]]);
});

it('says whom to ask where the registry refuses', async () => {
  const registry = new FakeRegistry();
  registry.failure = new ApiError({
    service: 'registry',
    status: 403,
    reason: 'Forbidden',
    message: 'no'
  });
  show(registry, connected({ available: true, choice: 'team-a/models' }));
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'You may not read models of this registry. Ask its administrator for access, for example the role registry-user-models.'
  );
});

it('says what to install where there is none', async () => {
  const registry = new FakeRegistry();
  registry.failure = new ApiError({
    service: 'registry',
    status: 404,
    reason: 'NotConfigured',
    message: 'x'
  });
  show(registry, connected({ available: false, reason: 'No Model Registry was found.' }));
  expect(await screen.findByText('No Model Registry was found.')).toBeInTheDocument();
  expect(screen.getByRole('link')).toHaveAccessibleName('How to install the Model Registry');
});

it('lets choose among several registries', async () => {
  const connection = connected({
    available: true,
    choice: 'a/one',
    choices: [
      { name: 'a/one', displayName: 'One' },
      { name: 'a/two', displayName: 'Two' }
    ]
  });
  const selected: unknown[] = [];
  connection.select = async change => void selected.push(change);
  show(twoModels(), connection);
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Registry' }), 'Two');
  expect(selected).toEqual([{ registry: 'a/two' }]);
});
