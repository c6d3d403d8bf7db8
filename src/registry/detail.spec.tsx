import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { giveElementsSize } from '../testing/element-size';
import { makeRegistryContext } from '../testing/panelContext';
import { makeConnection } from '../testing/pipelinesContext';
import { FakeRegistry } from '../testing/registry';
import { ModelDetail } from './modelDetail';
import { VersionDetail } from './versionDetail';

beforeAll(() => giveElementsSize(800, 600));

const text = (string_value: string) => ({ metadataType: 'MetadataStringValue', string_value });
const double = (double_value: number) => ({ metadataType: 'MetadataDoubleValue', double_value });

function digits(): FakeRegistry {
  const registry = new FakeRegistry();
  registry.add('registered_models', {
    id: '1',
    name: 'digits',
    state: 'LIVE',
    owner: 'ana',
    description: 'Reads digits',
    customProperties: { vision: text(''), team: text('ocr') }
  });
  for (const [id, name, accuracy] of [
    ['7', 'v1', 0.91],
    ['8', 'v2', 0.97]
  ] as const) {
    registry.add(
      'model_versions',
      {
        id,
        name,
        registeredModelId: '1',
        state: 'LIVE',
        author: 'ana',
        customProperties: { accuracy: double(accuracy) }
      },
      'registered_models/1/versions'
    );
  }
  registry.add(
    'artifacts',
    {
      id: '20',
      artifactType: 'model-artifact',
      name: 'digits',
      uri: 'file:///models/digits.json',
      modelFormatName: 'xgboost',
      modelFormatVersion: '3',
      modelSourceKind: 'kfp',
      modelSourceId: 'r1',
      modelSourceName: 'digits-run'
    },
    'model_versions/8/artifacts'
  );
  registry.add('serving_environments', { id: '3', name: 'team-a' });
  registry.add('inference_services', {
    id: '5',
    name: 'digits-isvc',
    registeredModelId: '1',
    modelVersionId: '8',
    servingEnvironmentId: '3',
    desiredState: 'DEPLOYED'
  });
  return registry;
}

function context(registry: FakeRegistry) {
  return makeRegistryContext(
    registry.transport,
    makeConnection({ components: { registry: { available: true } } })
  );
}

function showModel(registry: FakeRegistry, section?: string) {
  const nothing = () => undefined;
  render(
    <ModelDetail
      context={context(registry)}
      modelId="1"
      section={section}
      onSection={nothing}
      onGone={nothing}
      onName={nothing}
    />
  );
}

function showVersion(registry: FakeRegistry, section?: string) {
  const nothing = () => undefined;
  render(
    <VersionDetail
      context={context(registry)}
      versionId="8"
      section={section}
      onSection={nothing}
      onGone={nothing}
      onName={nothing}
    />
  );
}

it('tells what a model is and where it runs', async () => {
  showModel(digits());
  expect(await screen.findByText('Reads digits')).toBeInTheDocument();
  expect(screen.getByText('vision')).toBeInTheDocument();
  const services = screen.getByRole('group', { name: 'Inference services' });
  expect(services).toHaveTextContent('digits-isvc');
  expect(services).toHaveTextContent('team-a');
  expect(await screen.findByText(/2 versions/)).toHaveTextContent('newest v2');
});

it('changes the description, and keeps what was typed when that fails', async () => {
  const registry = digits();
  showModel(registry);
  await userEvent.click(await screen.findByRole('button', { name: 'Edit description' }));
  const area = screen.getByRole('textbox', { name: 'Description, as Markdown' });
  expect(area).toHaveFocus();
  await userEvent.clear(area);
  await userEvent.type(area, 'New words');
  registry.beforeChange = () => {
    throw new Error('The registry is being restarted.');
  };
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  expect(await screen.findByText('The registry is being restarted.')).toBeInTheDocument();
  expect(area).toHaveValue('New words');
  registry.beforeChange = undefined;
  await userEvent.click(screen.getByRole('button', { name: 'Save description' }));
  await waitFor(() => expect(screen.queryByRole('textbox', { name: /Description/ })).toBeNull());
  expect(registry.get('registered_models/1')?.description).toBe('New words');
});

it('overwrites nobody’s description unasked', async () => {
  const registry = digits();
  showModel(registry);
  await userEvent.click(await screen.findByRole('button', { name: 'Edit description' }));
  await userEvent.type(screen.getByRole('textbox', { name: /Description/ }), ', fast');
  Object.assign(registry.get('registered_models/1')!, { description: 'Theirs' });
  await userEvent.click(screen.getByRole('button', { name: 'Save description' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('It reads now: Theirs');
  expect(registry.get('registered_models/1')?.description).toBe('Theirs');
  await userEvent.click(screen.getByRole('button', { name: 'Save mine' }));
  await waitFor(() =>
    expect(registry.get('registered_models/1')?.description).toBe('Reads digits, fast')
  );
});

it('adds and removes labels, and keeps what others have set meanwhile', async () => {
  const registry = digits();
  showModel(registry);
  const input = await screen.findByRole('textbox', { name: 'New label' });
  Object.assign(registry.get('registered_models/1')!.customProperties as object, {
    theirs: text('x')
  });
  await userEvent.type(input, 'prod{Enter}');
  expect(await screen.findByRole('button', { name: 'Remove label prod' })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Remove label vision' }));
  await waitFor(() =>
    expect(registry.get('registered_models/1')?.customProperties).toEqual({
      team: text('ocr'),
      theirs: text('x'),
      prod: text('')
    })
  );
  await userEvent.type(input, 'team');
  expect(screen.getByRole('alert')).toHaveTextContent('A property has this name.');
});

it('adds a property by the type of what is typed, changes and removes one', async () => {
  const registry = digits();
  showModel(registry);
  await userEvent.click(await screen.findByRole('button', { name: 'Add property' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(screen.getByRole('alert')).toHaveTextContent('Give the property a name');
  await userEvent.type(screen.getByRole('textbox', { name: 'Name of the property' }), 'epochs');
  await userEvent.type(screen.getByRole('textbox', { name: 'Value of the property' }), '12{Enter}');
  await screen.findByRole('button', { name: 'Edit epochs' });
  const properties = () => registry.get('registered_models/1')?.customProperties;
  expect(properties()).toMatchObject({
    epochs: { metadataType: 'MetadataIntValue', int_value: '12' }
  });
  await userEvent.click(screen.getByRole('button', { name: 'Edit team' }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Value of the property' }), '2{Enter}');
  await waitFor(() => expect(properties()).toMatchObject({ team: text('ocr2') }));
  await userEvent.click(await screen.findByRole('button', { name: 'Remove epochs' }));
  await waitFor(() => expect(properties()).not.toHaveProperty('epochs'));
});

it('compares the versions that are chosen', async () => {
  showModel(digits(), 'versions');
  const first = await screen.findByRole('row', { name: 'v1' });
  await userEvent.click(first);
  await userEvent.keyboard('{Control>}a{/Control}');
  await userEvent.click(screen.getByRole('button', { name: 'Compare 2' }));
  const table = await screen.findByRole('group', { name: 'Comparison of versions' });
  const accuracy = within(table)
    .getByRole('rowheader', { name: /^accuracy ?, differs/ })
    .closest('tr')!;
  expect(
    within(accuracy)
      .getAllByRole('cell')
      .map(cell => cell.textContent)
  ).toEqual(['0.97', '0.91']);
  await userEvent.click(screen.getByRole('checkbox', { name: 'Only what differs' }));
  expect(within(table).queryByRole('rowheader', { name: 'Author' })).toBeNull();
});

it('tells a version’s files, and where it came from and runs as a graph', async () => {
  showVersion(digits());
  expect(await screen.findByText('file:///models/digits.json')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('tab', { name: 'Lineage' }));
  expect(await screen.findByText('digits-run')).toBeInTheDocument();
  expect(screen.getAllByText('digits v2').length).toBeGreaterThan(1);
  expect(screen.getByText('digits-isvc')).toBeInTheDocument();
});

it('lets nothing be changed of what is in the archive', async () => {
  const registry = digits();
  Object.assign(registry.get('registered_models/1')!, { state: 'ARCHIVED' });
  showModel(registry);
  expect(await screen.findByText('Archived')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Restore' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Edit description' })).toBeNull();
  expect(screen.queryByRole('textbox', { name: 'New label' })).toBeNull();
});

it('says that a version is not there', async () => {
  showVersion(new FakeRegistry());
  expect(
    await screen.findByText('This version is not in the registry of the active connection.')
  ).toBeInTheDocument();
});
