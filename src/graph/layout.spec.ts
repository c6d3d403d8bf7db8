import { layoutGraph } from './layout';
import type { IGraphDocument } from './schema';

const node = (id: string, parent?: string) => ({ id, kind: 'runtime' as const, label: id, parent });
const edge = (from: string, to: string) => ({ id: `${from}->${to}`, from, to });
const lefts = (graph: IGraphDocument, ids: string[]): number[] =>
  ids.map(id => layoutGraph(graph).nodes.find(box => box.id === id)!.x);

it.each([
  [
    'fan out',
    ['a', 'b', 'c', 'd'],
    [
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'd']
    ],
    ['b', 'c', 'd']
  ],
  [
    'fan in',
    ['a', 'b', 'c', 'd'],
    [
      ['a', 'd'],
      ['b', 'd'],
      ['c', 'd']
    ],
    ['a', 'b', 'c']
  ],
  [
    'chains',
    ['a', 'b', 'c', 'd', 'e'],
    [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'e']
    ],
    ['b', 'c']
  ]
])('%s stands in the order of the document', (_, ids, pairs, rank) => {
  const graph: IGraphDocument = {
    version: 1,
    nodes: ids.map(id => node(id)),
    edges: pairs.map(([from, to]) => edge(from!, to!))
  };
  const found = lefts(graph, rank);
  expect(found).toEqual([...found].sort((a, b) => a - b));
});

it('ends an edge into a closed group at the group', () => {
  const graph: IGraphDocument = {
    version: 1,
    nodes: [node('a'), node('g'), node('g.b', 'g')],
    edges: [edge('a', 'g.b')]
  };
  const layout = layoutGraph(graph, { collapsed: ['g'] });
  expect(layout.nodes.map(box => [box.id, box.collapsed])).toEqual([
    ['a', false],
    ['g', true]
  ]);
  expect(layout.edges.map(one => [one.from, one.to])).toEqual([['a', 'g']]);
});

it('survives parents that are not there or in a circle', () => {
  const graph: IGraphDocument = {
    version: 1,
    nodes: [node('a', 'gone'), node('b', 'c'), node('c', 'b'), node('d', 'd')],
    edges: [edge('a', 'b'), edge('a', 'nowhere')]
  };
  const layout = layoutGraph(graph);
  expect(layout.nodes.map(box => box.id).sort()).toEqual(['a', 'b', 'c', 'd']);
});
