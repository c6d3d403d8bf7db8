/** The PersistentVolumeClaim that is made for checkpoints: what it asks for, and why one is refused. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../../client/errors';
import { type IKind, there } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { FieldProblems } from '../../ui/form/fieldsDialog';
import { isDomain, isQuantity, refusedWords } from '../../ui/kubernetes/form/problems';
import { forbiddenWords } from '../../ui/kubernetes/problem';

/** How many machines may use a claim at the same time. */
export type AccessMode = 'ReadWriteOnce' | 'ReadWriteMany';

/** The fields of the dialog, as they were typed. */
export interface IClaimDraft {
  name: string;
  size: string;
  mode: AccessMode;
  /** Empty for the cluster's default. */
  storageClass: string;
}

export interface IClaim extends IKubernetesObject {
  spec: {
    accessModes: AccessMode[];
    resources: { requests: { storage: string } };
    storageClassName?: string;
  };
}

export const claims: IKind<IClaim> = {
  group: '',
  versions: ['v1'],
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
  health: there
};

/** The object of a draft. */
export function claimOf(draft: IClaimDraft, namespace: string): IClaim {
  const { name, size, mode, storageClass } = draft;
  return {
    apiVersion: 'v1',
    kind: claims.kind,
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: {
      accessModes: [mode],
      resources: { requests: { storage: size } },
      ...(storageClass ? { storageClassName: storageClass } : {})
    }
  };
}

/** What can be told without the server. */
export function checkClaim(
  draft: IClaimDraft,
  trans: TranslationBundle
): FieldProblems<IClaimDraft> {
  const { name, size, storageClass } = draft;
  const named = trans.__('A name has lower-case letters, digits, dashes and dots.');
  return {
    ...(name === ''
      ? { name: trans.__('A name is needed.') }
      : isDomain(name)
        ? {}
        : { name: named }),
    ...(isQuantity(size) && /[1-9]/.test(size)
      ? {}
      : { size: trans.__('This must be a size, for example 1Gi or 500Mi.') }),
    ...(storageClass === '' || isDomain(storageClass) ? {} : { storageClass: named })
  };
}

/** Why the server has refused one. */
export function refusedClaim(
  error: unknown,
  { name }: IClaimDraft,
  namespace: string,
  trans: TranslationBundle
): FieldProblems<IClaimDraft> {
  if (error instanceof ApiError && error.reason === 'AlreadyExists') {
    return {
      name: trans.__('There is a claim “%1” in %2 already. Choose another name.', name, namespace)
    };
  }
  // Admission refuses by 403 as well, and says more than that one may not.
  const mayNot =
    error instanceof ApiError && error.status === 403 && / cannot create /.test(error.message);
  return {
    '': mayNot
      ? forbiddenWords({ verb: 'create', kind: claims, namespace }, error, trans)
      : refusedWords(error, trans)
  };
}
