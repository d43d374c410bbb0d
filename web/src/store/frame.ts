/** At most this late in a page that is hidden, where no frame is drawn. */
const HIDDEN_MS = 250;

/** Runs before the next frame is drawn, or a little later where none is; returns what calls it off. */
export function nextFrame(run: () => void): () => void {
  const once = (): void => {
    cancel();
    run();
  };
  const timer = setTimeout(once, HIDDEN_MS);
  const frame = typeof requestAnimationFrame === "function" ? requestAnimationFrame(once) : undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  return cancel;
}
