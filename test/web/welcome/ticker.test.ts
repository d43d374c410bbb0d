import { expect, test } from "vitest";
import { textOf } from "../../../web/src/store/bytes.ts";
import { MAX_TICKS, runTicker, type TickerEnvironment } from "../../../web/src/welcome/ticker.ts";

interface Bench extends TickerEnvironment {
  readonly written: string[];
  seconds: number;
  visible: boolean;
}

/** A page whose seconds pass at once; `each` is called after each of them. */
function bench(each: (bench: Bench) => void): Bench {
  const made: Bench = {
    written: [],
    seconds: 0,
    visible: true,
    put: async (value) => {
      made.written.push(textOf(value) ?? "");
    },
    now: () => new Date(Date.UTC(2030, 0, 1, 0, 0, made.seconds)),
    isVisible: () => made.visible,
    second: async () => {
      made.seconds++;
      each(made);
    },
    exclusively: async (_signal, run) => run(),
  };
  return made;
}

test("ticks each second until it is stopped", async () => {
  const abort = new AbortController();
  const page = bench(({ seconds }) => seconds === 3 && abort.abort());
  await runTicker(page, abort.signal);
  expect(page.written).toEqual([
    '{"tick":1,"time":"2030-01-01T00:00:00.000Z"}',
    '{"tick":2,"time":"2030-01-01T00:00:01.000Z"}',
    '{"tick":3,"time":"2030-01-01T00:00:02.000Z"}',
  ]);
});

test("does not tick while nobody looks", async () => {
  const abort = new AbortController();
  const page = bench((held) => {
    held.visible = held.seconds > 5;
    if (held.seconds === 7) abort.abort();
  });
  page.visible = false;
  await runTicker(page, abort.signal);
  expect(page.written).toHaveLength(1);
});

test("stops by itself", async () => {
  const page = bench(() => {});
  await runTicker(page, new AbortController().signal);
  expect(page.written).toHaveLength(MAX_TICKS);
});

test("two tabs do not tick at once", async () => {
  let held: Promise<void> = Promise.resolve();
  let ticking = 0;
  let most = 0;
  const exclusively: TickerEnvironment["exclusively"] = async (_signal, run) => {
    const before = held;
    held = before.then(async () => {
      most = Math.max(most, ++ticking);
      await run();
      ticking--;
    });
    return held;
  };
  const tabs = [new AbortController(), new AbortController()];
  const runs = tabs.map((abort) =>
    runTicker({ ...bench(({ seconds }) => seconds === 2 && abort.abort()), exclusively }, abort.signal),
  );
  await Promise.all(runs);
  expect(most).toBe(1);
});
