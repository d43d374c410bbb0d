/**
 * A world for one run: time that stands still until it is told to pass, chance from one seed, and no event loop.
 *
 * While `inWorld` runs, what src could get from outside is the world's: Math.random, crypto.getRandomValues,
 * Date.now, performance.now, setTimeout and setImmediate (the driver and the watch service use setTimeout(…, 0) to
 * let others have a turn). Timers are tasks that wait until the run picks one. All else is microtasks, which are
 * in a fixed order; `settled` waits until none is left, by the queue that Node empties after them.
 */
import { Random } from "../differential/random.ts";
import { VirtualClock } from "../support/clock.ts";

export class World {
  readonly random: Random;
  readonly clock = new VirtualClock(1_000_000);
  readonly #tasks: Array<() => void> = [];

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  get hasTasks(): boolean {
    return this.#tasks.length > 0;
  }

  /** Runs the task that waits for the longest; false where there is none. */
  runTask(): boolean {
    const task = this.#tasks.shift();
    task?.();
    return task !== undefined;
  }

  /** What src asked for is not done any more: its process is dead. */
  dropTasks(): void {
    this.#tasks.length = 0;
  }

  addTask(task: () => void): void {
    this.#tasks.push(task);
  }
}

/** Settles when nothing is left that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Runs in the world given; what is there outside is there again afterwards. One at a time in a thread. */
export async function inWorld<T>(world: World, run: () => Promise<T>): Promise<T> {
  const restore = [
    replace(Math, "random", () => world.random.float()),
    replace(crypto, "getRandomValues", (array: ArrayBufferView) => fill(array, world.random)),
    replace(Date, "now", () => world.clock.now()),
    replace(performance, "now", () => world.clock.now()),
    replace(globalThis, "setTimeout", (task: () => void) => world.addTask(task)),
    replace(globalThis, "setImmediate", (task: () => void) => world.addTask(task)),
  ];
  try {
    return await run();
  } finally {
    for (const one of restore) one();
  }
}

function replace(owner: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, own);
  };
}

function fill(array: ArrayBufferView, random: Random): ArrayBufferView {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.integer(0, 255);
  return array;
}
