/** What clients asked and were told, and when, as porcupine/main.go reads it: a run a line of JSON. */
import type { Op } from "./request.ts";

/** What changes or reads the keys as they are now; a lease's end counts as what it deletes. */
export type HistoryOp = Op | { readonly kind: "endLease"; readonly lease: bigint };

interface Entry {
  readonly client: number;
  readonly op: HistoryOp;
  readonly call: number;
  return: number;
  output: string;
}

/** When what nobody was told of may still happen. */
const NEVER = 1e9;

export class History {
  readonly #entries: Entry[] = [];
  #time = 0;

  /** Something was sent. The function is for its reply; without it, it may have happened or may still do so. */
  begin(client: number, op: HistoryOp): (output: string) => void {
    if (op.kind !== "endLease" && isOfThePast(op)) return () => {};
    const entry: Entry = { client, op, call: ++this.#time, return: NEVER, output: "" };
    this.#entries.push(entry);
    return (output) => {
      entry.return = ++this.#time;
      entry.output = output;
    };
  }

  /** It was refused and did nothing. */
  forget(op: HistoryOp): void {
    const at = this.#entries.findLastIndex((entry) => entry.op === op);
    if (at !== -1) this.#entries.splice(at, 1);
  }

  get length(): number {
    return this.#entries.length;
  }

  line(seed: number): string {
    return JSON.stringify({ seed, operations: this.#entries }, (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
  }
}

/** Whether it reads what was there before; such a txn writes nothing. */
function isOfThePast(op: Op): boolean {
  if (op.kind === "range") return op.revision > 0;
  return op.kind === "txn" && [...op.success, ...op.failure].some(isOfThePast);
}
