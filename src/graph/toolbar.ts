/** The buttons in the corner of a drawing. */
import { svg } from './svg';
import type { Viewport } from './viewport';
import type { IGraphWords } from './words';

/** Buttons that zoom and fit. */
export function graphToolbar(words: IGraphWords, viewport: Viewport, fit: () => void): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'jp-Kubeflow-graph-toolbar';
  bar.append(
    button(words.zoomIn, 'M8 3v10M3 8h10', () => viewport.zoom(1.25)),
    button(words.zoomOut, 'M3 8h10', () => viewport.zoom(0.8)),
    button(words.fit, 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3', fit)
  );
  return bar;
}

function button(label: string, d: string, action: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.title = label;
  element.setAttribute('aria-label', label);
  element.append(svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, [svg('path', { d })]));
  element.addEventListener('click', action);
  return element;
}
