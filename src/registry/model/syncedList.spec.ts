import type { IRegistryListOptions, Registered } from '../../client/registry';
import { SyncedList } from './syncedList';

type Item = Registered<{ name: string }>;

/** A registry's list with pages by time of change, as the server makes them. */
function server(count: number) {
  let clock = 1000;
  const items = new Map<string, Item>();
  const asked: number[] = [];
  const change = (id: string, name = id) =>
    items.set(id, {
      id,
      name,
      createTimeSinceEpoch: items.get(id)?.createTimeSinceEpoch ?? `${clock}`,
      lastUpdateTimeSinceEpoch: `${(clock += 1)}`
    });
  for (let index = 0; index < count; index++) {
    change(`${index}`);
  }
  const list = async ({ pageSize = 100, pageToken = '' }: IRegistryListOptions = {}) => {
    asked.push(pageSize);
    const time = (item: Item) => Number(item.lastUpdateTimeSinceEpoch);
    const rest = [...items.values()]
      .sort((one, other) => time(other) - time(one))
      .filter(item => !pageToken || time(item) < Number(pageToken));
    const page = rest.slice(0, pageSize);
    const more = rest.length > pageSize;
    return { items: page, nextPageToken: more ? `${time(page[page.length - 1]!)}` : undefined };
  };
  return { list, change, asked };
}

async function whole(list: SyncedList<Item>): Promise<void> {
  while (!list.isComplete) {
    await list.refresh();
  }
}

it('shows the first page at once and reads the others after it', async () => {
  const registry = server(1200);
  const list = new SyncedList(registry);
  list.setVisible(true);
  await list.refresh();
  expect(list.live.state.data?.length).toBeGreaterThanOrEqual(50);
  await whole(list);
  expect(list.live.state.data?.map(({ id }) => Number(id))).toEqual(
    Array.from({ length: 1200 }, (_, index) => 1199 - index)
  );
  list.dispose();
});

it('reads only what has changed from then on, also when that fills pages', async () => {
  const registry = server(300);
  const list = new SyncedList(registry);
  list.setVisible(true);
  await whole(list);
  registry.asked.length = 0;
  registry.change('7', 'seven');
  await list.refresh();
  expect(list.live.state.data?.[0]?.name).toBe('seven');
  expect(registry.asked).toEqual([20]);
  for (let index = 0; index < 45; index++) {
    registry.change(`${index}`, `new ${index}`);
  }
  registry.change('300', 'another one');
  await list.refresh();
  const names = list.live.state.data!.map(({ name }) => name);
  expect(names.filter(name => name.startsWith('new '))).toHaveLength(45);
  expect(names).toHaveLength(301);
  list.dispose();
});

it('misses nothing that changes between the pages of the first pass', async () => {
  const registry = server(700);
  const list = new SyncedList(registry);
  list.setVisible(true);
  await list.refresh();
  registry.change('3', 'changed meanwhile');
  await whole(list);
  await list.refresh();
  const found = list.live.state.data!;
  expect(found.find(({ id }) => id === '3')?.name).toBe('changed meanwhile');
  expect(found).toHaveLength(700);
  list.dispose();
});
