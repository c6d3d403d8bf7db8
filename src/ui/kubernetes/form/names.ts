/** Names for new objects. Pure but for chance. */

/** What a stem has so that a TrainJob's name is short enough for runtimes with steps that fetch datasets and models (`longestName`). */
const LONGEST_STEM = 27;

/**
 * A name that is likely new and says what it is for: `digits-x7k2p`.
 * @param from - a path of a file or notebook, or another name
 * @param otherwise - what it begins with where nothing of `from` can be in a name
 */
export function newName(
  from: string,
  otherwise: string,
  random: () => number = Math.random
): string {
  const stem = from
    .replace(/^.*[/:]/, '')
    .replace(/\.(py|ipynb)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST_STEM)
    .replace(/-+$/, '');
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const tail = Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]);
  return `${stem || otherwise}-${tail.join('')}`;
}

/** The name without what `newName` has added, to make another one like it. */
export function stemOf(name: string): string {
  return name.replace(/-[a-z0-9]{5}$/, '');
}
