import { fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { refreshIcon } from '@jupyterlab/ui-components';

import { giveElementsSize } from '../testing/element-size';
import { ResourceList } from './resourceList';

interface IItem {
  id: string;
}

const make = (count: number): IItem[] =>
  Array.from({ length: count }, (_, index) => ({ id: `run-${index}` }));
const itemKey = (item: IItem) => item.id;

beforeAll(() => giveElementsSize(240, 260));

function show(
  items: IItem[],
  extra: Partial<React.ComponentProps<typeof ResourceList<IItem>>> = {}
) {
  const onOpen = jest.fn();
  const view = render(
    <ResourceList<IItem>
      label="Runs"
      kind="run"
      items={items}
      itemKey={itemKey}
      itemLabel={itemKey}
      renderRow={item => <span>{item.id}</span>}
      onOpen={onOpen}
      {...extra}
    />
  );
  return { onOpen, ...view };
}

describe('ResourceList', () => {
  it('keeps only the rows on the screen in the page', () => {
    show(make(10_000));
    expect(screen.getByRole('grid', { name: 'Runs' })).toHaveAttribute('aria-rowcount', '10000');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
  });

  it('moves with the arrows, opens with Enter and filters with /', async () => {
    const onFilter = jest.fn();
    const { onOpen } = show(make(5), { onFilter });
    await userEvent.tab();
    expect(screen.getByRole('row', { name: 'run-0' })).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    expect(screen.getByRole('row', { name: 'run-1' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(onOpen).toHaveBeenCalledWith({ id: 'run-1' });
    await userEvent.keyboard('/');
    expect(onFilter).toHaveBeenCalledTimes(1);
    await userEvent.keyboard('{End}');
    expect(screen.getByRole('row', { name: 'run-4' })).toHaveFocus();
  });

  it('selects many with Shift and Ctrl, and Delete asks for them', () => {
    const onDelete = jest.fn();
    const onSelect = jest.fn();
    show(make(6), { onDelete, onSelect });
    fireEvent.click(screen.getByRole('row', { name: 'run-1' }));
    fireEvent.click(screen.getByRole('row', { name: 'run-3' }), { shiftKey: true });
    fireEvent.click(screen.getByRole('row', { name: 'run-5' }), { ctrlKey: true });
    const chosen = [1, 2, 3, 5].map(index => ({ id: `run-${index}` }));
    expect(onSelect).toHaveBeenLastCalledWith(chosen);
    fireEvent.keyDown(screen.getByRole('row', { name: 'run-5' }), { key: 'Delete' });
    expect(onDelete).toHaveBeenCalledWith(chosen);
  });

  it('selects the row that a context menu opens on', () => {
    show(make(3));
    fireEvent.contextMenu(screen.getByRole('row', { name: 'run-2' }));
    expect(screen.getByRole('row', { name: 'run-2' })).toHaveAttribute('aria-selected', 'true');
    expect(screen.getByRole('row', { name: 'run-2' })).toHaveAttribute('data-kubeflow-row', 'run');
  });

  it('runs a row action without opening or selecting', async () => {
    const run = jest.fn();
    const { onOpen } = show(make(2), {
      actions: () => [{ id: 'again', label: 'Run again…', icon: refreshIcon, run }]
    });
    const row = screen.getByRole('row', { name: 'run-1' });
    await userEvent.click(within(row).getByRole('button', { name: 'Run again…' }));
    expect(run).toHaveBeenCalledTimes(1);
    expect(onOpen).not.toHaveBeenCalled();
    expect(row).toHaveAttribute('aria-selected', 'false');
  });

  it('keeps the keyboard when its row is taken away, and gives it to the filter with the last', async () => {
    const onFilter = jest.fn();
    const list = (items: IItem[]) => (
      <ResourceList<IItem>
        label="Runs"
        kind="run"
        items={items}
        itemKey={itemKey}
        itemLabel={itemKey}
        renderRow={item => <span>{item.id}</span>}
        onOpen={jest.fn()}
        onFilter={onFilter}
      />
    );
    const items = make(4);
    const { rerender, unmount } = render(list(items));
    await userEvent.tab();
    await userEvent.keyboard('{ArrowDown}{Shift>}{ArrowDown}{/Shift}');
    expect(screen.getByRole('row', { name: 'run-1' })).toHaveFocus();
    rerender(list(items.slice(2)));
    expect(screen.getByRole('row', { name: 'run-3' })).toHaveFocus();
    expect(screen.getByRole('row', { name: 'run-3' })).toHaveAttribute('aria-selected', 'false');
    expect(onFilter).not.toHaveBeenCalled();
    unmount();
    expect(onFilter).toHaveBeenCalledTimes(1);
  });

  it('leaves the keyboard where it is when it is not on the row that is taken away', async () => {
    const items = make(4);
    const { rerender } = show(items);
    await userEvent.click(screen.getByRole('row', { name: 'run-1' }));
    const other = document.body.appendChild(document.createElement('button'));
    other.focus();
    rerender(
      <ResourceList<IItem>
        label="Runs"
        kind="run"
        items={items.slice(2)}
        itemKey={itemKey}
        itemLabel={itemKey}
        renderRow={item => <span>{item.id}</span>}
        onOpen={jest.fn()}
      />
    );
    expect(other).toHaveFocus();
    other.remove();
  });

  it('forgets selected rows that are gone', () => {
    const onSelect = jest.fn();
    const { rerender } = show(make(3), { onSelect });
    fireEvent.click(screen.getByRole('row', { name: 'run-2' }));
    rerender(
      <ResourceList<IItem>
        label="Runs"
        kind="run"
        items={make(2)}
        itemKey={itemKey}
        itemLabel={itemKey}
        renderRow={item => <span>{item.id}</span>}
        onOpen={jest.fn()}
        onSelect={onSelect}
      />
    );
    expect(onSelect).toHaveBeenLastCalledWith([]);
  });
});
