/** Work that is done at most once a frame, with what holds then. */
export interface IFrameWork {
  /** Has it done in the next frame. */
  request(): void;
  /** Drops what is requested. */
  cancel(): void;
}

/** Does `work` in the next frame after each request, however many there were. */
export function oncePerFrame(work: () => void): IFrameWork {
  let frame: number | undefined;
  return {
    request: () => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        work();
      });
    },
    cancel: () => {
      if (frame !== undefined) {
        cancelAnimationFrame(frame);
        frame = undefined;
      }
    }
  };
}
