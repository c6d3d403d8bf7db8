/** Work that is done at most once a frame, with what holds then. */
export interface IFrameWork {
  /** Has it done in one of the next frames. */
  request(): void;
  /** Drops what is requested. */
  cancel(): void;
}

/** Milliseconds of a frame after which what still waits is left to the next one. */
const ENOUGH = 8;

const waiting = new Set<() => void>();
let frame: number | undefined;

/** Does `work` in one of the next frames after each request, however many there were. Many charts share the frames. */
export function oncePerFrame(work: () => void): IFrameWork {
  const own = () => work();
  return {
    request: () => {
      waiting.add(own);
      frame ??= requestAnimationFrame(next);
    },
    cancel: () => {
      waiting.delete(own);
    }
  };
}

function next(): void {
  frame = undefined;
  const until = performance.now() + ENOUGH;
  for (const work of waiting) {
    waiting.delete(work);
    work();
    if (performance.now() > until) {
      break;
    }
  }
  if (waiting.size > 0) {
    frame = requestAnimationFrame(next);
  }
}
