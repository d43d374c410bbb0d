/** Long work of the pure parts, which comes in steps of a millisecond or so, with turns for everybody else in between. */

/** As long, and so many steps, goes on at a stretch what has begun: there are runtimes whose clock stands still in it. */
const TURN_MS = 4;
const MAX_STEPS = 64;

/** Lets everything else that waits have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What may be done before others are to have a turn. */
export class Turn {
  #endMs = performance.now() + TURN_MS;
  #steps = 0;

  /** To be asked after each step. */
  get isOver(): boolean {
    this.#steps++;
    return this.#steps >= MAX_STEPS || performance.now() >= this.#endMs;
  }

  /** Lets everything else that waits have its turn; then the next begins. */
  async pass(): Promise<void> {
    await nextTurn();
    this.#endMs = performance.now() + TURN_MS;
    this.#steps = 0;
  }
}

/** The result of what is begun and calls back with it, be that at once. */
export function whenFinished<T>(begin: (finished: (result: T) => void) => void): T | Promise<T> {
  const results: T[] = [];
  let finish = (result: T): void => void results.push(result);
  begin((result) => finish(result));
  if (results.length > 0) return results[0] as T;
  return new Promise((resolve) => {
    finish = resolve;
  });
}

/** The result of the steps: at once, where they take no longer than a turn. */
export function inSlices<T>(steps: Generator<void, T>): T | Promise<T> {
  const turn = new Turn();
  const first = run(steps, turn);
  return first.done === true ? first.value : goOn(steps, turn);
}

async function goOn<T>(steps: Generator<void, T>, turn: Turn): Promise<T> {
  for (;;) {
    await turn.pass();
    const next = run(steps, turn);
    if (next.done === true) return next.value;
  }
}

function run<T>(steps: Generator<void, T>, turn: Turn): IteratorResult<void, T> {
  for (;;) {
    const next = steps.next();
    if (next.done === true || turn.isOver) return next;
  }
}
