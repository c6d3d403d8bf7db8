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
