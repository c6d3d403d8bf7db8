import { ApiError } from '../client/errors';
import type { IServiceRequest, ITransport } from '../client/transport';

/** A transport that answers each request from a list, in turn; what is asked is kept. */
export function answering(...answers: (object | ApiError)[]): {
  asked: IServiceRequest[];
  transport: ITransport;
} {
  const asked: IServiceRequest[] = [];
  const transport = {
    json: async (_: string, request: IServiceRequest) => {
      asked.push(request);
      const answer = answers.shift();
      if (answer instanceof ApiError) {
        throw answer;
      }
      return answer;
    }
  } as unknown as ITransport;
  return { asked, transport };
}
