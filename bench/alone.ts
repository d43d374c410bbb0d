/** The store alone, which has no server: in this process's kind of engine, and in Chromium's worker behind the bridge. */
import { join } from "node:path";
import { outputOf } from "./loads/command.ts";
import { type Counted, type Row, STORE_ALONE } from "./row.ts";

const QUICK_SCALE = 0.2;

interface Figure {
  readonly name: string;
  /** The program that prints it, and the name it has there. */
  readonly program: readonly string[];
  readonly figure: string;
  readonly tool: Row["tool"];
}

const NODE = ["store/main.ts", "--only", "puts"];
const BROWSER = ["browser-store/main.ts", "--only", "worker,bridge"];

const FIGURES: readonly Figure[] = [
  { name: "store alone, Node: puts 16 B", program: NODE, figure: "store_puts_per_s_16", tool: "none" },
  { name: "store alone, Node: puts 256 B", program: NODE, figure: "store_puts_per_s_256", tool: "none" },
  { name: "store alone, Node: gets", program: NODE, figure: "store_gets_per_s_256", tool: "none" },
  { name: "store alone, browser's worker: puts 16 B", program: BROWSER, figure: "worker_puts_per_s", tool: "chromium" },
  { name: "store alone, browser's worker: gets", program: BROWSER, figure: "worker_gets_per_s", tool: "chromium" },
  { name: "bridge to the worker: Put, one at a time", program: BROWSER, figure: "unary_put_1_per_s", tool: "chromium" },
  { name: "bridge to the worker: Put, 32 at a time", program: BROWSER, figure: "unary_put_32_per_s", tool: "chromium" },
];

/** A program is run once a round, and gives several rows. */
const outputs = new Map<string, Promise<string>>();

/** Before each round. */
export function forgetAlone(): void {
  outputs.clear();
}

async function figureOf(program: readonly string[], figure: string, share: number): Promise<Counted> {
  const [path = "", ...args] = program;
  if (program === NODE && share < 1) args.push("--scale", String(QUICK_SCALE));
  const running = outputs.get(path) ?? outputOf(process.execPath, [join(import.meta.dirname, path), ...args]);
  outputs.set(path, running);
  const value = new RegExp(`^${figure}=([\\d.]+)$`, "m").exec(await running)?.[1];
  if (value === undefined) throw new Error(`${path} printed no ${figure}`);
  return { count: Number(value), seconds: 1 };
}

export const ALONE_ROWS: readonly Row[] = FIGURES.map(({ name, program, figure, tool }) => ({
  name,
  unit: "calls",
  tool,
  on: STORE_ALONE,
  maxRounds: 1,
  load: (_target, share) => figureOf(program, figure, share),
  // The programs see to that themselves.
  warmUp: async () => ({ count: 0, seconds: 0 }),
}));
