import { nullTranslator } from '@jupyterlab/translation';

import { status } from '../../testing/fakeKubernetes';
import { checkClaim, claimOf, type IClaimDraft, refusedClaim } from './claims';

const trans = nullTranslator.load('');
const DRAFT: IClaimDraft = { name: 'digits', size: '1Gi', mode: 'ReadWriteOnce', storageClass: '' };

it('asks for a size and an access mode, and leaves the storage class to the cluster', () => {
  expect(claimOf(DRAFT, 'team')).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'digits', namespace: 'team' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  });
  expect(claimOf({ ...DRAFT, storageClass: 'nfs' }, 'team').spec.storageClassName).toBe('nfs');
});

it.each<[string, Partial<IClaimDraft>, RegExp]>([
  ['name', { name: '' }, /needed/],
  ['name', { name: 'A b' }, /lower-case/],
  ['name', { name: 'a'.repeat(254) }, /lower-case/],
  ['size', { size: '' }, /1Gi/],
  ['size', { size: '1 GB' }, /1Gi/],
  ['size', { size: '0' }, /1Gi/],
  ['storageClass', { storageClass: 'a/b' }, /lower-case/]
])('finds what is wrong with %s: %j', (field, change, words) => {
  expect(checkClaim(DRAFT, trans)).toEqual({});
  expect(Object.entries(checkClaim({ ...DRAFT, ...change }, trans))).toEqual([
    [field, expect.stringMatching(words)]
  ]);
});

it.each<[string, number, string, string, RegExp]>([
  ['name', 409, 'AlreadyExists', 'exists', /a claim “digits” in team already/],
  [
    '',
    403,
    'Forbidden',
    'persistentvolumeclaims is forbidden: User "u" cannot create resource "persistentvolumeclaims" in API group ""',
    /You may not create PersistentVolumeClaims in team/
  ],
  [
    '',
    403,
    'Forbidden',
    'persistentvolumeclaims "digits" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: requests.storage=1Gi, limited: requests.storage=1Gi',
    /The quota “q” of the namespace/
  ],
  [
    '',
    403,
    'Forbidden',
    'persistentvolumeclaims "digits" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Mi, but request is 1Gi',
    /maximum storage usage .* is 1Mi/
  ]
])('says at %j why it was refused: %i %s', (field, code, reason, message, words) => {
  const error = status(code, reason, message, { kind: 'persistentvolumeclaims' });
  expect(Object.entries(refusedClaim(error, DRAFT, 'team', trans))).toEqual([
    [field, expect.stringMatching(words)]
  ]);
});
