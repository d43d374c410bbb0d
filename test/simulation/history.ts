/** What clients asked and were told, and when, as porcupine/main.go reads it: a run a line of JSON. */
import type { Op } from "./request.ts";

/** What changes or reads the keys as they are now; a lease's end counts as what it deletes. */
export type HistoryOp = Op | { readonly kind: "endLease"; readonly lease: bigint };

interface Entry {
  readonly client: number;
  readonly op: HistoryOp;
  readonly call: number;
  return: number;
  /** Empty where nobody was told. */
  output: string;
  /** The revision that it made, where nobody was told. */
  revision?: number;
}

/** What becomes of an operation, as its client sees it. */
export interface Recording {
  /** Its reply has come. */
  told(output: string): void;
  /** It was refused, and did nothing. */
  refused(): void;
  /**
   * Its connection is gone. As in etcd's own robustness tests, what is not known by its reply is known by what
   * came of it: the revision that it made; one that made none is of no account.
   */
  lost(revision: number | undefined): void;
}

const NOT_RECORDED: Recording = { told() {}, refused() {}, lost() {} };
/** An output of which only the beginning counts ends in this. */
const LOOSE = "…";
/** Who is no client. */
const NOBODY = -1;

export class History {
  #entries: Entry[] = [];
  #time = 0;

  /** A client has sent an operation. */
  begin(client: number, op: HistoryOp): Recording {
    if (op.kind !== "endLease" && isOfThePast(op)) return NOT_RECORDED;
    const entry: Entry = { client, op, call: ++this.#time, return: 0, output: "" };
    this.#entries.push(entry);
    return {
      told: (output) => {
        entry.return = ++this.#time;
        entry.output = output;
      },
      refused: () => this.#remove(entry),
      lost: (revision) => {
        if (revision === undefined) this.#remove(entry);
        else Object.assign(entry, { return: ++this.#time, revision });
      },
    };
  }

  /** The etcd has done something by itself. */
  happened(op: HistoryOp, revision: number): void {
    const call = ++this.#time;
    this.#entries.push({ client: NOBODY, op, call, return: ++this.#time, output: "", revision });
  }

  /** After a crash: what nobody was told of after this revision is gone. */
  undo(revision: number): void {
    this.#entries = this.#entries.filter((entry) => entry.revision === undefined || entry.revision <= revision);
  }

  get length(): number {
    return this.#entries.length;
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((one) => one !== entry);
  }

  /** What is known by now. */
  line(seed: number): string {
    const known = this.#entries.filter((entry) => entry.return > 0);
    const operations = known.map((entry) => ({ ...entry, output: entry.output || `r${entry.revision}${LOOSE}` }));
    return JSON.stringify({ seed, operations }, (_, value) => (typeof value === "bigint" ? String(value) : value));
  }
}

/** Whether it reads what was there before; such a txn writes nothing. */
function isOfThePast(op: Op): boolean {
  if (op.kind === "range") return op.revision > 0;
  return op.kind === "txn" && [...op.success, ...op.failure].some(isOfThePast);
}
