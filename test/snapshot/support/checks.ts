/** Checks that print a line each and go on when one fails. */
import { isDeepStrictEqual } from "node:util";

let passed = 0;
let failed = 0;

/** Passes where the promise, or what it is of, is as expected. */
export async function check<T>(name: string, run: () => Promise<T> | T, expected: T): Promise<void> {
  try {
    const got = await run();
    if (isDeepStrictEqual(got, expected)) passes(name);
    else fails(name, difference(got, expected));
  } catch (error) {
    fails(name, error instanceof Error ? error.message : String(error));
  }
}

/** Passes where it fails with such a message. */
export async function checkRefused(name: string, run: () => Promise<unknown>, why: RegExp): Promise<void> {
  try {
    await run();
    fails(name, "it was not refused");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (why.test(message)) passes(name);
    else fails(name, message);
  }
}

export function passes(name: string): void {
  passed++;
  console.log(`ok    ${name}`);
}

export function fails(name: string, why: string): void {
  failed++;
  console.log(`FAIL  ${name}\n      ${why.replaceAll("\n", "\n      ")}`);
}

/** How many passed and failed. */
export function summary(): { passed: number; failed: number } {
  return { passed, failed };
}

/** The first lines in which two differ. */
function difference(got: unknown, expected: unknown): string {
  const [left, right] = [got, expected].map((value) => (JSON.stringify(value, text, 1) ?? "undefined").split("\n"));
  const at = (left as string[]).findIndex((line, index) => line !== right?.[index]);
  const around = (lines: string[] | undefined) => lines?.slice(Math.max(0, at - 2), at + 3).join("\n");
  return `got\n${around(left)}\nexpected\n${around(right)}`;
}

function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
