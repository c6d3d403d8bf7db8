/** What a view does with the tab that it stands in. */
import { useEffect, useState } from 'react';

import type { ITabView } from './detailTabs';

/** The section that a tab shows, and what shows another one, which is remembered. */
export function useSection(
  view: Pick<ITabView, 'section' | 'onSection'>,
  first: string
): [string, (section: string) => void] {
  const [section, setSection] = useState(view.section ?? first);
  return [
    section,
    chosen => {
      setSection(chosen);
      view.onSection(chosen);
    }
  ];
}

/** Calls a tab by its object's name, once that is known. */
export function useTabName(onName: (name: string) => void, name: string | undefined): void {
  useEffect(() => {
    if (name) {
      onName(name);
    }
    // The callback is new at each render of the widget; only the name matters.
  }, [name]);
}
