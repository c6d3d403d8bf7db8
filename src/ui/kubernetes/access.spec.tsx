import { nullTranslator } from '@jupyterlab/translation';
import { render, screen } from '@testing-library/react';

import { AccessReview } from '../../client/kubernetes/access';
import { pods } from '../../client/kubernetes/kinds';
import { answering } from '../../testing/answering';
import { AccessGate } from './access';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const access = { verb: 'delete', kind: pods, namespace: 'team' } as const;

/** Draws what needs the right, given the status of the review. */
function show(status: object): void {
  const review = new AccessReview(answering({ status }).transport);
  const client = { may: review.may.bind(review) };
  render(
    <AccessGate client={client} access={access} trans={trans}>
      {reason => <p>{reason ?? 'works'}</p>}
    </AccessGate>
  );
}

describe('what the user may not do', () => {
  it('says which right is missing where nobody gives it', async () => {
    show({ allowed: false, reason: 'RBAC: no rule' });
    expect(await screen.findByText(/^You may not delete Pods in team\./)).toBeVisible();
  });

  it('says what somebody has against it', async () => {
    const said = 'Changing pods is not allowed. Add pods to KubeflowExtension.kubernetes_writable.';
    show({ allowed: false, denied: true, reason: said });
    expect(await screen.findByText(said)).toBeVisible();
  });

  it('is no question of what is allowed', async () => {
    show({ allowed: true });
    expect(await screen.findByText('works')).toBeVisible();
  });
});
