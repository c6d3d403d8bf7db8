/** Words that the Kubernetes API writes together, for people. Pure. */

/** `BackoffLimitExceeded` → `Backoff limit exceeded`, `OOMKilled` → `OOM killed`. */
export function words(camelCase: string): string {
  const parts = camelCase
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_]+/);
  return parts
    .map((part, index) => (index === 0 || /^[A-Z]{2,}$/.test(part) ? part : part.toLowerCase()))
    .join(' ');
}

/** A kind's name in the plural: `Pods`, `Ingresses`, `ClusterQueues`. */
export function pluralKind(kind: { kind: string; plural: string }): string {
  const { kind: name, plural } = kind;
  let same = 0;
  while (same < name.length && name[same]!.toLowerCase() === plural[same]) {
    same += 1;
  }
  return name.slice(0, same) + plural.slice(same);
}
