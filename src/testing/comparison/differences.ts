/**
 * Where Local Kubeflow's Kubernetes API answers otherwise than a real control plane, each with the reason. The comparison fails for a
 * difference that is not here, and for a row that no longer is one.
 */

/** One difference. */
export interface IDifference {
  /** Plural of the kinds; all when left out. */
  kinds?: readonly string[];
  /** Which cases, by name; all when left out. */
  cases?: RegExp;
  /** Which paths of the answer (`essence` in exchange.ts). */
  paths: RegExp;
  reason: string;
}

const REFUSAL = /^(answer|reason|fields|details\..*)$/;

export const DIFFERENCES: IDifference[] = [
  {
    cases: /^(create with a uid and a version|apply an unknown field|watch from a bad version)$/,
    paths: /^(answer|reason)$/,
    reason:
      'An API server calls these its own errors (500); they are refused as bad requests (400).'
  },
  {
    cases: /^create with another kind$/,
    paths: REFUSAL,
    reason:
      'An API server takes the kind for a field (422), or has a webhook correct it; it is refused before anything else is looked at (400).'
  },
  {
    kinds: ['trainjobs', 'jobsets', 'inferenceservices'],
    cases:
      /^create with (text for|a fraction|processes in words|a number for an image|a bad quantity|restarts in words)/,
    paths: REFUSAL,
    reason:
      'A defaulting webhook in Go cannot read a value of a wrong type and says so (400) before the schema is looked at; it is refused by the schema, which names the field (422).'
  },
  {
    kinds: ['jobsets', 'inferenceservices'],
    cases: /^create with a (job|format|container) without a (name|template)$/,
    paths: REFUSAL,
    reason:
      'A defaulting webhook in Go writes an empty value where a required one is missing, and the schema takes that for one; it is missed here.'
  },
  {
    kinds: ['trainjobs'],
    cases: /^create with no processes$/,
    paths: REFUSAL,
    reason: 'The defaulting webhook of Trainer 2.3.0 drops the zero; it is refused by the schema.'
  },
  {
    kinds: ['inferenceservices'],
    paths:
      /(^|\.)(metadata\.annotations\.(modelFormat|serving\.kserve\.io\/deploymentMode)|containers\[0\]\.(name|resources\.(limits|requests)\.(cpu|memory))|predictor\.sklearn\.storageUri)$/,
    reason: 'KServe’s defaulting webhook writes what the cluster’s configuration says (rules.py).'
  },
  {
    kinds: ['inferenceservices'],
    cases:
      /^(create without a (spec|predictor)|create with a predictor of nothing|update to no predictor)$/,
    paths: REFUSAL,
    reason:
      'KServe’s webhooks fail (500) where there is no predictor; it is refused, or its controller says that there is none.'
  },
  {
    kinds: ['servingruntimes', 'clusterservingruntimes'],
    cases: /^create with a format twice$/,
    paths: REFUSAL,
    reason: 'KServe’s webhook compares the priorities of all runtimes for a format (rules.py).'
  },
  {
    kinds: ['events'],
    cases: /^(replace|patch|delete) what is not there$/,
    paths: /.*/,
    reason: 'Events are made where a change finds none; nothing but old recorders relied on it.'
  },
  {
    kinds: ['events'],
    cases: /^create of the newer API$/,
    paths: REFUSAL,
    reason: 'What `events.k8s.io` asks of its recorders is not asked here: no reader needs it.'
  },
  {
    kinds: ['jobs'],
    cases: /^delete (another|what)/,
    paths: /^warnings$/,
    reason: 'The warning about dependents comes with deletions that succeed only.'
  },
  {
    kinds: ['jobs'],
    cases: /^(replace without a version|update to another uid|create with labels on its pods)$/,
    paths: /^fields$/,
    reason: 'Of several reasons that follow from one another, fewer are named.'
  },
  {
    kinds: ['jobs'],
    cases: /^create with a policy for failures$/,
    paths: /^spec\.podFailurePolicy\.rules\[0\]\.onPodConditions\[0\]\.status$/,
    reason: 'The default of the pattern is not written out; it is the same without it.'
  },
  {
    kinds: ['pods'],
    cases: /^create with a numeric quantity$/,
    paths: /^spec\.containers\[0\]\.resources\.(limits|requests)\.cpu$/,
    reason: 'A quantity stays as it was written.'
  },
  {
    kinds: ['pods'],
    cases: /^discovery$/,
    paths: /^pods\/(attach|binding|ephemeralcontainers|eviction|exec|portforward|proxy|resize)$/,
    reason: 'Pods are processes of this machine (requests.py says what to do instead of each).'
  },
  {
    kinds: ['trainjobs'],
    cases: /^discovery$/,
    paths: /^trainjobs\/metrics$/,
    reason: 'Only Local Kubeflow keeps what a training has reported before.'
  }
];
