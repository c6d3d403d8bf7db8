/** @jest-environment node */
import {
  ApiError,
  errorFromAnswer,
  invalidAnswer,
  isForbidden,
  isNotFound,
  isOffline,
  isRetryable,
  unreachable
} from './errors';

const answer = (status: number, body: unknown, service = 'pipelines') =>
  errorFromAnswer(service, status, typeof body === 'string' ? body : JSON.stringify(body));

describe('errorFromAnswer', () => {
  it('takes the typed body of the server extension as it is', () => {
    const body = {
      service: 'jupyter',
      status: 503,
      reason: 'NotConfigured',
      message: 'No profile is active. Choose one in the status bar.',
      details: { field: 'active' }
    };
    expect(answer(503, body)).toMatchObject(body);
  });

  it('reads a Kubernetes Status', () => {
    const error = answer(
      409,
      {
        kind: 'Status',
        status: 'Failure',
        message: 'trainjobs.trainer.kubeflow.org "a" already exists',
        reason: 'AlreadyExists',
        details: { name: 'a' },
        code: 409
      },
      'kubernetes'
    );
    expect(error).toMatchObject({
      service: 'kubernetes',
      status: 409,
      reason: 'AlreadyExists',
      message: 'trainjobs.trainer.kubeflow.org "a" already exists',
      details: { name: 'a' }
    });
  });

  it('reads a gRPC status of KFP by its code', () => {
    const body = { error: 'Run x not found.', code: 5, message: 'Run x not found.', details: [] };
    expect(answer(404, body)).toMatchObject({
      status: 404,
      reason: 'NotFound',
      message: 'Run x not found.'
    });
    expect(answer(400, { code: 3, message: 'wrong' }).reason).toBe('Invalid');
    expect(answer(409, { code: 6, message: 'there' }).reason).toBe('AlreadyExists');
  });

  it("prefers KFP's sentence for people to its chain of wrapped errors", () => {
    const error = answer(400, {
      error: 'Failed to create a run: InvalidInputError: Validate: name is empty',
      code: 3,
      message: 'Failed to create a run: InvalidInputError: Validate: name is empty',
      details: [
        {
          '@type': 'type.googleapis.com/api.Error',
          error_message: 'Give the run a name',
          error_details: 'stack'
        }
      ]
    });
    expect(error.message).toBe('Give the run a name');
  });

  it('quotes a short text, and never a web page', () => {
    expect(answer(500, 'disk is full').message).toBe(
      'Kubeflow Pipelines failed (500): disk is full'
    );
    const page = answer(502, '<html><body>nginx</body></html>');
    expect(page.message).not.toContain('nginx');
    expect(page.message).toContain('Kubeflow Pipelines');
    expect(page.reason).toBe('UpstreamInvalid');
  });

  it("reads FastAPI's and Jupyter's own bodies", () => {
    expect(answer(404, { detail: 'no model' }, 'inference').message).toBe('no model');
    expect(answer(403, { message: '_xsrf missing', reason: null }, 'jupyter')).toMatchObject({
      reason: 'Forbidden',
      message: '_xsrf missing'
    });
  });

  it.each([['null'], ['[1]'], ['"text"'], [''], ['{'], ['{"message": 3}']])(
    'survives the body %s',
    body => {
      const error = answer(500, body);
      expect(error).toMatchObject({ status: 500, reason: 'InternalError' });
      expect(error.message).toContain('Kubeflow Pipelines failed');
    }
  );
});

describe('predicates', () => {
  it('tell apart what a panel shows differently', () => {
    expect(isForbidden(answer(401, ''))).toBe(true);
    expect(isForbidden(answer(403, ''))).toBe(true);
    expect(isNotFound(answer(404, ''))).toBe(true);
    expect(isNotFound(new Error('404'))).toBe(false);
    expect(isOffline(unreachable('jupyter'))).toBe(true);
    expect(isOffline(answer(500, ''))).toBe(false);
  });

  it('retry what may go away by itself, and nothing else', () => {
    expect(isRetryable(unreachable('pipelines'))).toBe(true);
    expect([429, 502, 503, 504].every(status => isRetryable(answer(status, '')))).toBe(true);
    expect([400, 401, 403, 404, 500].some(status => isRetryable(answer(status, '')))).toBe(false);
    const body = { service: 'jupyter', reason: 'NotConfigured', message: 'Set it up.' };
    expect(isRetryable(answer(503, body))).toBe(false);
  });
});

it('names a login page where JSON was expected', () => {
  const error = invalidAnswer('pipelines', '<!doctype html><form>');
  expect(error).toBeInstanceOf(ApiError);
  expect(error.message).toContain('login page');
});
