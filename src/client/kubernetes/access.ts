/** What the user may do, asked of the API server itself (`authorization.k8s.io/v1`, SelfSubjectAccessReview). */
import type { ITransport } from '../transport';
import type { IKindName } from './kind';

/** The verbs of RBAC. */
export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What is asked. */
export interface IAccess {
  verb: Verb;
  kind: IKindName;
  /** All namespaces when left out. */
  namespace?: string;
  name?: string;
  subresource?: string;
}

/** The answer. */
export interface IAccessAnswer {
  allowed: boolean;
  /** A sentence for a tooltip when it is no. */
  reason?: string;
  /** Whether somebody says no in so many words, as the Jupyter server's settings do, rather than nobody yes; `reason` is theirs. */
  denied?: boolean;
}

/** Asks, and keeps the answers for `keepFor` milliseconds, since one view asks the same again and again. */
export class AccessReview {
  constructor(
    private readonly _transport: ITransport,
    private readonly _keepFor = 60_000,
    private readonly _now: () => number = () => performance.now()
  ) {}

  /** Whether the user may do it. */
  async may(access: IAccess, signal?: AbortSignal): Promise<IAccessAnswer> {
    const { verb, kind, namespace, name, subresource } = access;
    const resourceAttributes = {
      group: kind.group,
      resource: kind.plural,
      verb,
      namespace,
      name,
      subresource
    };
    const key = JSON.stringify(resourceAttributes);
    const known = this._known.get(key);
    if (known && this._now() < known.until) {
      return known.answer;
    }
    const { status } = await this._transport.json<{ status?: IReviewStatus }>('kubernetes', {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      json: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes }
      },
      signal
    });
    const answer = status?.allowed
      ? { allowed: true }
      : {
          allowed: false,
          reason: status?.reason || refusal(access),
          ...(status?.denied && status.reason ? { denied: true } : {})
        };
    this._known.set(key, { answer, until: this._now() + this._keepFor });
    return answer;
  }

  /** Forgets all answers, as after a change of roles or of the connection. */
  forget(): void {
    this._known.clear();
  }

  private readonly _known = new Map<string, { answer: IAccessAnswer; until: number }>();
}

interface IReviewStatus {
  allowed?: boolean;
  denied?: boolean;
  reason?: string;
}

function refusal({ verb, kind, namespace, subresource }: IAccess): string {
  const what = `${kind.plural}${subresource ? `/${subresource}` : ''}`;
  const where = namespace ? `in the namespace “${namespace}”` : 'in all namespaces';
  return `You may not ${verb} ${what} ${where}. Ask the cluster's administrator for that right.`;
}
