import AxeBuilder from '@axe-core/playwright';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/** What is wrong with a part of the page by WCAG 2 A and AA, one line each. */
export async function violations(page: IJupyterLabPageFixture, part: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include(part)
    // The colours of YAML are those of JupyterLab's editor.
    .exclude('.cm-editor')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
    .analyze();
  return violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`)
  );
}
