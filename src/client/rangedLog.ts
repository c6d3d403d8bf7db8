/** Reading a log by byte ranges (RFC 9110, Range): its end at first, then what was added. */
import { ApiError } from './errors';
import { bytesOf } from './http';

/** Asks for a range of a log, for example `bytes=-1000`; rejects with an `ApiError`, of status 416 where the log has nothing there. */
export type AskRange = (range: string) => Promise<Response>;

/** A log of which only the end is read. Memory does not grow with the log. */
export class RangedLog {
  /**
   * The log's last `bytes`, where it is longer and the server gives ranges; `undefined` otherwise, when it is to be read from its start.
   */
  static async open(ask: AskRange, bytes: number): Promise<RangedLog | undefined> {
    const answer = await ask(`bytes=-${bytes}`);
    const start = answer.status === 206 ? startOf(answer) : 0;
    if (start === 0) {
      await answer.body?.cancel();
      return undefined;
    }
    return new RangedLog(ask, answer, start);
  }

  private constructor(
    private readonly ask: AskRange,
    private answer: Response | undefined,
    /** How many bytes before the end were left out. */
    readonly skipped: number
  ) {
    this.position = skipped;
  }

  /** What has not been read yet, as far as the log goes now. After a failure, the next call goes on where this one stopped. */
  async *read(): AsyncGenerator<string> {
    const answer = this.answer ?? (await this.next());
    this.answer = undefined;
    if (!answer) {
      return;
    }
    for await (const bytes of bytesOf('pipelines-ui', answer)) {
      const begins = this.position === this.skipped;
      this.position += bytes.length;
      // The range may begin within a character.
      const text = this.decoder.decode(begins ? wholeCharacters(bytes) : bytes, { stream: true });
      if (text) {
        yield text;
      }
    }
  }

  private async next(): Promise<Response | undefined> {
    let answer: Response;
    try {
      answer = await this.ask(`bytes=${this.position}-`);
    } catch (error) {
      if (error instanceof ApiError && error.status === 416) {
        return undefined;
      }
      throw error;
    }
    if (answer.status === 206 && startOf(answer) === this.position) {
      return answer;
    }
    await answer.body?.cancel();
    throw new ApiError({
      service: 'pipelines-ui',
      status: 502,
      reason: 'UpstreamInvalid',
      message: 'The server answered with another part of the log than the one that was asked for.'
    });
  }

  private position: number;
  private readonly decoder = new TextDecoder();
}

/** Where an answer of status 206 begins. */
function startOf(answer: Response): number {
  const [, start] = /^bytes (\d+)-/.exec(answer.headers.get('Content-Range') ?? '') ?? [];
  return Number(start ?? 0);
}

/** The bytes from the first one on that begins a character of UTF-8. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex(byte => (byte & 0xc0) !== 0x80);
  return start < 0 ? new Uint8Array() : bytes.subarray(start);
}
