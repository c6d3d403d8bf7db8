/** Names of TrainJobs. Pure but for chance. */

/** What a stem has so that the name is short enough for runtimes with steps that fetch datasets and models (`longestName`). */
const LONGEST_STEM = 27;

/** A name that is likely new and says what is trained: `train-digits-x7k2p`. */
export function jobName(from: string, random: () => number = Math.random): string {
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
  return `${stem || 'train'}-${tail.join('')}`;
}

/** The name without what `jobName` has added, to make another one like it. */
export function stemOf(name: string): string {
  return name.replace(/-[a-z0-9]{5}$/, '');
}
