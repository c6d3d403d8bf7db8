import { useContext, useEffect, useState } from 'react';

import { VisibleContext } from '../text';

/** Whether an element is on the screen, or nearly: its view is shown and it is not scrolled far away. */
export function useOnScreen(node: React.RefObject<Element>): boolean {
  const visible = useContext(VisibleContext);
  const [near, setNear] = useState(typeof IntersectionObserver === 'undefined');
  useEffect(() => {
    if (typeof IntersectionObserver === 'undefined' || !node.current) {
      return;
    }
    const observer = new IntersectionObserver(
      entries => setNear(entries[entries.length - 1]?.isIntersecting ?? false),
      { rootMargin: '200px' }
    );
    observer.observe(node.current);
    return () => observer.disconnect();
  }, []);
  return visible && near;
}
