/** The theme's colours for what is drawn: read when it is drawn, since ECharts does not know CSS variables. */

/** What a chart is drawn with. */
export interface IColours {
  /** By CSS variable. */
  lines: Readonly<Record<string, string>>;
  text: string;
  quiet: string;
  grid: string;
  background: string;
  font: string;
  fontSize: number;
}

/** The CSS variables of the lines' colours: told apart in light, dark and high contrast themes, whose editor colours are chosen for that. */
export const LINES = [
  '--jp-brand-color1',
  '--jp-warn-color1',
  '--jp-success-color1',
  '--jp-mirror-editor-operator-color',
  '--jp-mirror-editor-string-color',
  '--jp-ui-font-color2'
];

/** The colours that hold for an element now. */
export function coloursOf(element: Element): IColours {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    lines: Object.fromEntries(LINES.map(name => [name, read(name)])),
    text: read('--jp-ui-font-color1'),
    quiet: read('--jp-ui-font-color2'),
    grid: read('--jp-border-color2'),
    background: read('--jp-layout-color1'),
    // In double quotes, names would end the attribute of an SVG document.
    font: style.fontFamily.replaceAll('"', "'"),
    fontSize: parseFloat(style.fontSize) || 13
  };
}

/** Calls `listener` after each change of JupyterLab's theme; returns the function that ends this. */
export function onTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, {
    attributeFilter: ['data-jp-theme-name', 'data-jp-theme-light']
  });
  return () => observer.disconnect();
}
