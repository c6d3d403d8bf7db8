/** Every valid pipeline of KFP's own tests, where they are at hand. */
import { existsSync, readdirSync, readFileSync } from 'fs';
import { join, resolve } from 'path';
import Ajv from 'ajv';
import { parseAllDocuments } from 'yaml';

import { layoutGraph } from '../layout';
import schema from '../schema.json';
import { graphFromRun, graphFromSpec } from '.';

const folder = resolve(__dirname, '../../../../shared/pipelines/valid');
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.yaml')
    )
  : [];
/**
 * The documents of a file as PyYAML reads them. A line that goes on a quoted text without indentation is no YAML (1.1 or 1.2), yet PyYAML
 * takes it: such a line break stands for a space.
 */
function documentsOf(file: string): unknown[] {
  const parsed = parseAllDocuments(file);
  const broken = parsed.flatMap(one => one.errors).find(error => error.code === 'MISSING_CHAR');
  const at = broken ? file.indexOf('\n', broken.pos[0] - 1) : -1;
  return at < 0
    ? parsed.map(one => one.toJS())
    : documentsOf(`${file.slice(0, at)} ${file.slice(at + 1).trimStart()}`);
}

const validate = new Ajv({ strict: false }).compile(schema);

(files.length > 0 ? describe : describe.skip)('the pipelines of KFP', () => {
  it.each(files)('%s', name => {
    const documents = documentsOf(readFileSync(join(folder, name), 'utf8'));
    const graph = graphFromSpec(documents);
    expect(validate(graph) ? [] : validate.errors).toEqual([]);
    expect(validate(graphFromRun(documents, []))).toBe(true);
    const ids = new Set(graph.nodes.map(node => node.id));
    expect(ids.size).toBe(graph.nodes.length);
    expect(new Set(graph.edges.map(edge => edge.id)).size).toBe(graph.edges.length);
    for (const edge of graph.edges) {
      expect(ids).toContain(edge.from);
      expect(ids).toContain(edge.to);
    }
    const layout = layoutGraph(graph);
    expect(layout.nodes).toHaveLength(graph.nodes.length);
    expect(layout.edges).toHaveLength(graph.edges.length);
    expect(layoutGraph(graphFromSpec(documents))).toEqual(layout);
    const boxes = new Map(layout.nodes.map(box => [box.id, box]));
    for (const node of graph.nodes) {
      const box = boxes.get(node.id)!;
      const frame = node.parent ? boxes.get(node.parent)! : { x: 0, y: 0, ...layout };
      expect(box.x).toBeGreaterThanOrEqual(frame.x);
      expect(box.y).toBeGreaterThanOrEqual(frame.y);
      expect(box.x + box.width).toBeLessThanOrEqual(frame.x + frame.width);
      expect(box.y + box.height).toBeLessThanOrEqual(frame.y + frame.height);
    }
  });
});
