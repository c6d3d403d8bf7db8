/** Trigger conditions (CEL) in words a reader of the pipeline knows. */

/** What an input of a component stands for, by its name. */
export type Names = ReadonlyMap<string, string>;

const PARAMETER = /inputs\.parameter_values\[\s*(['"])(.*?)\1\s*\]/g;
const CONVERSION = /\b(?:int|double|string|bool)\(([^()]*)\)/g;

/** The condition with names instead of channels and without conversions: `accuracy > 0.9`. */
export function readableCondition(condition: string, names: Names): string {
  return condition
    .replace(PARAMETER, (_match, _quote, key: string) => names.get(key) ?? withoutPrefix(key))
    .replace(CONVERSION, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The parameter's name without the compiler's prefix. */
export function withoutPrefix(key: string): string {
  return key.replace(/^pipelinechannel--/, '');
}

/**
 * The condition of a branch that comes after others: the compiler repeats each earlier one negated (`!(a) && b`, `!(a) && !(b)`), which
 * is read as `else if b`, `else`.
 * @param earlier conditions of the branches before it, as they stand in the spec
 */
export function branchCondition(
  condition: string,
  earlier: readonly string[],
  names: Names
): string {
  let rest = condition;
  let first = true;
  for (const one of earlier) {
    const own = one.replace(/^(?:!\(.*\) && )+/, '');
    const negated = `!(${own})`;
    if (!rest.startsWith(negated)) {
      break;
    }
    first = false;
    rest = rest.slice(negated.length).replace(/^\s*&&\s*/, '');
  }
  if (rest === '') {
    return 'else';
  }
  const words = readableCondition(rest, names);
  return first ? words : `else if ${words}`;
}
