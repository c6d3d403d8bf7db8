/** Every valid pipeline of KFP's own tests, where they are at hand. */
import { existsSync, readdirSync, readFileSync } from 'fs';
import { join, resolve } from 'path';
import Ajv from 'ajv';
import { parseAllDocuments } from 'yaml';

import { layoutGraph } from '../layout';
import schema from '../schema.json';
import { graphFromRun, graphFromSpec, SpecError } from '.';

const folder = resolve(__dirname, '../../../../shared/pipelines/valid');
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.yaml')
    )
  : [];
const validate = new Ajv({ strict: false }).compile(schema);

(files.length > 0 ? describe : describe.skip)('the pipelines of KFP', () => {
  it.each(files)('%s', name => {
    // PyYAML writes a line of a quoted text without indentation, which this parser does not take; pytest reads that file.
    const parsed = parseAllDocuments(readFileSync(join(folder, name), 'utf8'));
    const documents = parsed.map(one => one.toJS());
    if (parsed.some(one => one.errors.length > 0)) {
      expect(() => graphFromSpec(documents)).toThrow(SpecError);
      return;
    }
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
