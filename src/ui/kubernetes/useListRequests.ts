import type { ISignal } from '@lumino/signaling';
import { useEffect, useRef } from 'react';

import type { IListSection } from '../listSection';
import type { IKubernetes } from './connection';

/** What a panel's commands ask its lists for: to be read again, together with what kinds the server has, or to take the keyboard into the filter. */
export interface IListRequest {
  kind: 'refresh' | 'filter';
}

/**
 * Does with a list what the panel's commands ask for.
 * @param asked - tells what is asked for
 * @returns for the property `handle` of the `ObjectList` that shows the list
 */
export function useListRequests(
  asked: ISignal<unknown, IListRequest>,
  kubernetes: IKubernetes,
  list: { retry(): void }
): React.RefObject<IListSection> {
  const section = useRef<IListSection>(null);
  useEffect(() => {
    const onAsked = (_: unknown, { kind }: IListRequest) => {
      if (kind === 'filter') {
        section.current?.focusFilter();
      } else {
        kubernetes.client.discovery.forget();
        list.retry();
      }
    };
    asked.connect(onAsked);
    return () => {
      asked.disconnect(onAsked);
    };
  }, [asked, kubernetes, list]);
  return section;
}
