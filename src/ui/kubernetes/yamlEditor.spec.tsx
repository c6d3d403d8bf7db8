import { nullTranslator } from '@jupyterlab/translation';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { jobs, type Job } from '../../client/kubernetes/kinds';
import { FakeKubernetes, status } from '../../testing/fakeKubernetes';
import { makeKubernetes } from './connection';
import { keepDraft } from './drafts';
import { YamlEditor } from './yamlEditor';

const trans = nullTranslator.load('jupyterlab_kubeflow');

const JOB = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'one', namespace: 'team-a', uid: 'u1', resourceVersion: '1' },
  spec: { completions: 1, parallelism: 1 },
  status: { active: 1 }
} as unknown as Job;

afterEach(() => keepDraft('cluster/u1', undefined));

function draw(server = new FakeKubernetes({ jobs: [JOB] })) {
  const kubernetes = makeKubernetes(server);
  const view = render(
    <YamlEditor
      trans={trans}
      kubernetes={kubernetes}
      editors={null}
      kind={jobs}
      object={JOB}
      connection="cluster"
    />
  );
  return { server, ...view };
}

const button = (name: string) => screen.findByRole('button', { name });
const area = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: /being edited/ });
const stored = async (server: FakeKubernetes) =>
  server.json<Job>('kubernetes', { path: '/apis/batch/v1/namespaces/team-a/jobs/one' });

/** Begins to edit and replaces a part of the text. */
async function edit(from: string, to: string): Promise<void> {
  await userEvent.click(await button('Edit'));
  const text = await area();
  const { value } = text;
  await userEvent.clear(text);
  await userEvent.click(text);
  await userEvent.paste(value.replace(from, to));
}

it('is read-only until Edit; the edit has neither status nor what only the server writes', async () => {
  draw();
  expect(screen.getByLabelText('YAML of one')).toHaveTextContent('active: 1');
  await userEvent.click(await button('Edit'));
  const { value } = await area();
  expect(value).not.toMatch(/status|uid|resourceVersion/);
  expect(value).toContain('completions: 1');
});

it('applies after showing what changes', async () => {
  const { server } = draw();
  await edit('completions: 1', 'completions: 3');
  await userEvent.click(await button('Apply…'));
  const changes = await screen.findByRole('group', { name: 'Changes of one' });
  expect(within(changes).getByText('Removed:').closest('tr')).toHaveTextContent('completions: 1');
  expect(within(changes).getByText('Added:').closest('tr')).toHaveTextContent('completions: 3');
  expect((await stored(server)).spec?.completions).toBe(1);
  await userEvent.click(await button('Apply changes'));
  expect(await button('Edit')).toBeVisible();
  expect((await stored(server)).spec?.completions).toBe(3);
  expect(sessionStorage).toHaveLength(0);
});

it('says when there is nothing to change, and checks without writing', async () => {
  draw();
  await userEvent.click(await button('Edit'));
  await userEvent.click(await button('Apply…'));
  expect(await screen.findByText('This changes nothing.')).toBeVisible();
  await userEvent.click(await button('Check'));
  expect(await screen.findByText('The server accepts this.')).toBeVisible();
});

it('leads from a refusal to its line', async () => {
  const { server } = draw();
  server.onWrite = () => {
    const causes = [{ field: 'spec.parallelism', reason: 'FieldValueInvalid', message: 'too few' }];
    throw status(422, 'Invalid', 'Job "one" is invalid: spec.parallelism: too few', { causes });
  };
  await edit('parallelism: 1', 'parallelism: -1');
  await userEvent.click(await button('Check'));
  expect(await screen.findByRole('alert')).toHaveTextContent('spec.parallelism: too few');
  await userEvent.click(await button('Go to it'));
  const text = await area();
  expect(text.value.slice(text.selectionStart)).toMatch(/^parallelism: -1/);
});

it('says which field there is none of, and leads to it', async () => {
  const { server } = draw();
  server.onWrite = () => {
    const said =
      'Job in version "v1" cannot be handled as a Job: strict decoding error: unknown field "spec.foo"';
    throw status(400, 'BadRequest', said);
  };
  await edit('parallelism: 1', 'foo: 1');
  await userEvent.click(await button('Check'));
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText('There is no field spec.foo in Job.')).toBeVisible();
  await userEvent.click(await button('Go to it'));
  const text = await area();
  expect(text.value.slice(text.selectionStart)).toMatch(/^foo: 1/);
});

it('offers to create again what was deleted meanwhile, with the edit', async () => {
  const { server } = draw();
  await edit('completions: 1', 'completions: 3');
  await userEvent.click(await button('Apply…'));
  await button('Apply changes');
  server.remove('jobs', 'one');
  await userEvent.click(await button('Apply changes'));
  expect(await screen.findByRole('alert')).toHaveTextContent('one was deleted meanwhile.');
  expect((await area()).value).toContain('completions: 3');
  const sent: unknown[] = [];
  server.onWrite = (method, body) => void sent.push([method, body]);
  await userEvent.click(await button('Create it again'));
  expect(await button('Edit')).toBeVisible();
  expect(sent).toEqual([
    [
      'POST',
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'one', namespace: 'team-a' },
        spec: { completions: 3, parallelism: 1 }
      }
    ]
  ]);
  expect((await stored(server)).spec?.completions).toBe(3);
});

it('knows what was deleted also by the conflict that an API server makes of it', async () => {
  const { server } = draw();
  await edit('completions: 1', 'completions: 3');
  server.onWrite = () => {
    server.remove('jobs', 'one');
    throw status(409, 'Conflict', 'Precondition failed: UID in precondition: u1');
  };
  await userEvent.click(await button('Check'));
  expect(await screen.findByRole('alert')).toHaveTextContent('one was deleted meanwhile.');
});

it('says where the text is no YAML, or another object, without asking the server', async () => {
  const { server } = draw();
  await edit('name: one', 'name: two');
  server.requests.length = 0;
  await userEvent.click(await button('Check'));
  expect(await screen.findByRole('alert')).toHaveTextContent('stays one');
  expect(server.requests).toEqual([]);
});

it('keeps an edit over a reload until it is discarded', async () => {
  const { unmount } = draw();
  await edit('completions: 1', 'completions: 5');
  unmount();
  expect(sessionStorage.getItem(sessionStorage.key(0)!)).toContain('completions: 5');
  draw();
  expect((await area()).value).toContain('completions: 5');
  await userEvent.click(await button('Discard'));
  const discard = { selector: '.jp-Dialog-buttonLabel' };
  await userEvent.click(await screen.findByText('Discard edit', discard));
  expect(await button('Edit')).toBeVisible();
  expect(sessionStorage).toHaveLength(0);
});

it('is not stopped by a change of the status', async () => {
  const { server } = draw();
  await edit('completions: 1', 'completions: 3');
  server.put('jobs', { ...JOB, status: { succeeded: 1 } } as never);
  await userEvent.click(await button('Apply…'));
  await userEvent.click(await button('Apply changes'));
  await button('Edit');
  expect(await stored(server)).toMatchObject({
    spec: { completions: 3 },
    status: { succeeded: 1 }
  });
});

describe('what others have changed meanwhile', () => {
  async function conflict() {
    const { server } = draw();
    await edit('completions: 1', 'completions: 3');
    const spec = { completions: 2, parallelism: 4 };
    server.put('jobs', { ...JOB, spec } as never);
    await userEvent.click(await button('Apply…'));
    const said = await screen.findByRole('alert');
    expect(said).toHaveTextContent('spec.completions, spec.parallelism');
    expect((await stored(server)).spec).toEqual(spec);
    return server;
  }

  it('is taken over, and one’s own edits stay', async () => {
    const server = await conflict();
    await userEvent.click(await button('Reload and keep my edits'));
    expect(await screen.findByRole('status')).toHaveTextContent('kept at spec.completions');
    const { value } = await area();
    expect(value).toContain('completions: 3');
    expect(value).toContain('parallelism: 4');
    await userEvent.click(await button('Apply…'));
    await userEvent.click(await button('Apply changes'));
    await button('Edit');
    expect((await stored(server)).spec).toEqual({ completions: 3, parallelism: 4 });
  });

  it('is overwritten after it was shown', async () => {
    const server = await conflict();
    await userEvent.click(await button('Overwrite…'));
    const changes = await screen.findByRole('group', { name: 'Changes of one' });
    expect(changes).toHaveTextContent('parallelism: 4');
    await userEvent.click(await button('Apply changes'));
    await button('Edit');
    await waitFor(async () =>
      expect((await stored(server)).spec).toEqual({ completions: 3, parallelism: 1 })
    );
  });
});

it('cannot be edited by who may not, and says why', async () => {
  const server = new FakeKubernetes({ jobs: [JOB] });
  server.forbidden.add('update jobs');
  draw(server);
  await waitFor(async () => expect(await button('Edit')).toHaveAttribute('aria-disabled', 'true'));
  expect(await button('Edit')).toHaveAccessibleDescription(
    'You may not update Jobs in team-a. Ask for the right to “update” jobs.batch there.'
  );
  await userEvent.click(await button('Edit'));
  expect(screen.queryByText('Check')).toBeNull();
});

it('keeps what was typed when the server cannot be reached', async () => {
  const { server } = draw();
  await edit('completions: 1', 'completions: 3');
  server.offline = true;
  await userEvent.click(await button('Apply…'));
  expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
  expect((await area()).value).toContain('completions: 3');
});
