import type { IListOptions, IPage } from './pipelines';

/** All pages from that of `options` on. */
export async function* pages<T, O extends IListOptions>(
  options: O,
  list: (options: O) => Promise<IPage<T>>
): AsyncGenerator<IPage<T>> {
  let pageToken = options.pageToken;
  do {
    const page = await list({ ...options, pageToken });
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken);
}

/** The items of all pages. */
export async function everything<T, O extends IListOptions>(
  options: O,
  list: (options: O) => Promise<IPage<T>>
): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages(options, list)) {
    items.push(...page.items);
  }
  return items;
}
