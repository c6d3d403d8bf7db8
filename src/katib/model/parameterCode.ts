/** A trial's parameters as Python. Pure. */
import type { IParameter } from './study';

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const KEYWORDS = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' '
  )
);

/**
 * A cell that assigns the values: one variable each, or a dictionary where a name is none that Python has.
 * @param parameters - the search space; what is not in it is written by how its value looks
 * @param comment - the line above
 */
export function parameterCode(
  values: Readonly<Record<string, string>>,
  parameters: readonly IParameter[],
  comment: string
): string {
  const types = new Map(parameters.map(({ name, type }) => [name, type]));
  const lines = Object.entries(values).map(
    ([name, value]) => [name, literal(value, types.get(name))] as const
  );
  const head = `# ${comment.replace(/\s+/g, ' ')}`;
  const plain = lines.every(([name]) => NAME.test(name) && !KEYWORDS.has(name));
  return plain
    ? [head, ...lines.map(([name, value]) => `${name} = ${value}`)].join('\n')
    : [
        head,
        'parameters = {',
        ...lines.map(([name, value]) => `    ${JSON.stringify(name)}: ${value},`),
        '}'
      ].join('\n');
}

/** A number as it is written, unless the parameter is categorical; else a text. */
function literal(value: string, type: IParameter['type'] | undefined): string {
  return type !== 'categorical' && NUMBER.test(value)
    ? value.replace(/^([-+]?)0+(?=\d)/, '$1')
    : JSON.stringify(value);
}
