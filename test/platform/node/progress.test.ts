/** How far long work is: what is written where. */
import { expect, test } from "vitest";
import { createProgress } from "../../../src/platform/node/progress.ts";

const MIB = 1024 * 1024;

function recorder(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const said: string[] = [];
  let nowMs = 0;
  const terminal = { isTTY, ...(columns && { columns }), write: (text: string) => written.push(text) };
  const progress = createProgress({ terminal, say: (line) => said.push(line), nowMs: () => nowMs });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { progress, written, said, pass };
}

test("on a terminal one line is kept up to date, and goes when the work is done", () => {
  const { progress, written, said, pass } = recorder(true);
  const task = progress.begin("reading DIR", 10 * MIB);
  task.advance(MIB);
  pass(99);
  task.advance(MIB);
  pass(1);
  task.advance(MIB / 2);
  pass(1000);
  task.advance(20 * MIB);
  task.end();
  expect(written).toEqual([
    "\r\u001b[Kreading DIR …",
    "\r\u001b[Kreading DIR: 25 % of 10.0 MiB",
    // The whole may be an estimate.
    "\r\u001b[Kreading DIR: 99 % of 10.0 MiB",
    "\r\u001b[K",
  ]);
  expect(said).toEqual([]);
});

test("a line is never longer than the terminal is wide", () => {
  const { progress, written } = recorder(true, 10);
  progress.begin("reading something").end();
  expect(written).toEqual(["\r\u001b[Kreading s", "\r\u001b[K"]);
});

test("elsewhere there is a line every few seconds, and none for what takes less", () => {
  const { progress, written, said, pass } = recorder(false);
  const task = progress.begin("reading DIR");
  for (let at = 0; at < 12; at++) {
    pass(1000);
    task.advance(MIB);
  }
  task.end();
  const short = progress.begin("writing DIR", MIB);
  pass(4999);
  short.advance(MIB);
  short.end();
  expect(said).toEqual(["reading DIR: 5.0 MiB", "reading DIR: 10.0 MiB"]);
  expect(written).toEqual([]);
});
