import type { ISignal } from '@lumino/signaling';
import { useEffect, useRef } from 'react';

import type { IListSection } from './listSection';
import type { IListRequest } from './panelContext';

/**
 * Does with a list what the panel's commands ask for.
 * @param asked - tells what is asked for
 * @param refresh - reads the list again
 * @returns for the property `handle` of the list
 */
export function useListRequests(
  asked: ISignal<unknown, IListRequest>,
  refresh: () => void
): React.RefObject<IListSection> {
  const section = useRef<IListSection>(null);
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    const onAsked = (_: unknown, { kind }: IListRequest) => {
      if (kind === 'filter') {
        section.current?.focusFilter();
      } else {
        latest.current();
      }
    };
    asked.connect(onAsked);
    return () => {
      asked.disconnect(onAsked);
    };
  }, [asked]);
  return section;
}
