import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { IPipelinesClient, IPipelineVersion } from '../client/pipelines';
import { giveElementsSize } from '../testing/element-size';
import { makeContext } from '../testing/pipelinesContext';
import { CommandIDs } from './context';
import { PipelineDetail } from './pipelineDetail';

beforeAll(() => giveElementsSize(800, 600));

/** A version with one task of this name and one parameter. */
function version(name: string, task: string): IPipelineVersion {
  return {
    id: `id-${name}`,
    pipelineId: 'p1',
    name,
    displayName: name,
    createdAt: '2026-11-20T10:00:00Z',
    pipelineSpec: {
      root: {
        inputDefinitions: {
          parameters: {
            lr: { parameterType: 'NUMBER_DOUBLE', defaultValue: 0.5 },
            label: { parameterType: 'STRING' }
          }
        },
        dag: { tasks: { [task]: { taskInfo: { name: task }, componentRef: { name: 'c' } } } }
      },
      components: { c: { executorLabel: 'e' } }
    }
  };
}

function show(operations: Partial<IPipelinesClient>) {
  const context = makeContext(operations);
  const executed: [string, unknown][] = [];
  for (const id of Object.values(CommandIDs)) {
    context.commands.addCommand(id, {
      label: id,
      execute: args => void executed.push([id, { ...args }])
    });
  }
  const gone = jest.fn();
  render(<PipelineDetail context={context} pipelineId="p1" name="fraud" onGone={gone} />);
  return { context, executed, gone };
}

const two = async () => ({ items: [version('v2', 'train'), version('v1', 'load')] });

describe('PipelineDetail', () => {
  it('shows the newest version, and another one when it is chosen', async () => {
    const { executed } = show({ listVersions: two });
    expect(await screen.findByRole('heading', { name: 'fraud' })).toBeInTheDocument();
    expect(await screen.findByRole('treeitem', { name: /^train/ })).toBeInTheDocument();
    await userEvent.selectOptions(screen.getByLabelText('Version'), 'id-v1');
    expect(await screen.findByRole('treeitem', { name: /^load/ })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Run pipeline…' }));
    expect(executed).toEqual([
      [CommandIDs.runPipeline, { pipelineId: 'p1', name: 'fraud', versionId: 'id-v1' }]
    ]);
  });

  it('tells the parameters with type and default, and the YAML', async () => {
    show({ listVersions: two });
    await userEvent.click(await screen.findByRole('tab', { name: 'Parameters' }));
    expect(screen.getByRole('row', { name: 'lr number, default 0.5' })).toBeInTheDocument();
    expect(screen.getByRole('row', { name: 'label text, required' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('tab', { name: 'YAML' }));
    expect(screen.getByLabelText('YAML of fraud')).toHaveTextContent('componentRef');
  });

  it('offers to close when there is no version', async () => {
    const { gone } = show({ listVersions: async () => ({ items: [] }) });
    await userEvent.click(await screen.findByRole('button', { name: 'Close' }));
    expect(gone).toHaveBeenCalled();
  });

  it('says why the versions cannot be read', async () => {
    let allowed = false;
    const refusal = { service: 'pipelines', status: 403, reason: 'Forbidden', message: 'no' };
    show({ listVersions: () => (allowed ? two() : Promise.reject(new ApiError(refusal))) });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You may not list pipelines in team-a.'
    );
    allowed = true;
    await userEvent.click(screen.getByRole('button', { name: 'Retry now' }));
    await waitFor(() => expect(screen.getByRole('heading', { name: 'fraud' })).toBeInTheDocument());
  });
});
