/**
 * A journal spoken to over HTTP: the path is the method, and what it takes and gives is JSON, bytes as a character
 * each. Below the journal itself, in workerd; `RemoteJournal` is the other end.
 */
import type { Bucket, Change, Journal, Row } from "../../../../src/journal/index.ts";

interface PlainChange {
  readonly bucket: Bucket;
  readonly key: string;
  readonly value?: string;
}

/** Batches of a bucket's rows. */
type PlainRows = ReadonlyArray<ReadonlyArray<readonly [key: string, value: string]>>;

/** What a call gave, and how many calls had settled before. */
interface Reply {
  readonly value?: unknown;
  readonly error?: string;
  readonly settledBefore: number;
}

/**
 * Requests and replies may overtake one another on their way: a request says how many calls were made before it, of
 * which journal, and a reply how many had settled.
 */
export function serveJournal(newJournal: () => Journal): (request: Request) => Promise<Response> {
  let journal: Journal | undefined;
  let name: string | null = null;
  let made = 0;
  let settled = 0;
  const early = new Map<number, () => void>();
  const open = (of: string | null): string => {
    [journal, name, made, settled] = [newJournal(), of, 0, 0];
    return journal.kind;
  };
  const call = async ({ pathname, searchParams }: URL, body: string): Promise<unknown> => {
    if (pathname === "/open") return open(searchParams.get("of"));
    if (journal === undefined || searchParams.get("of") !== name) throw new Error("the journal is not open");
    const before = Number(searchParams.get("before"));
    if (before > made) await new Promise<void>((resolve) => early.set(before, resolve));
    made++;
    early.get(made)?.();
    if (pathname === "/write") return journal.write((JSON.parse(body) as PlainChange[]).map(changeOf));
    if (pathname === "/close") return journal.close();
    return allRows(journal, searchParams.get("bucket") as Bucket);
  };
  return async (request) => {
    const body = await request.text();
    const reply = await call(new URL(request.url), body).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: String(error) }),
    );
    return Response.json({ ...reply, settledBefore: settled++ } satisfies Reply);
  };
}

async function allRows(journal: Journal, bucket: Bucket): Promise<PlainRows> {
  const batches: Array<Array<readonly [string, string]>> = [];
  for await (const rows of journal.rows(bucket)) {
    batches.push(rows.map(({ key, value }) => [text(key), text(value)] as const));
  }
  return batches;
}

type Call = (method: string, body: string) => Promise<Response>;

let opened = 0;

export class RemoteJournal implements Journal {
  readonly kind: string;
  readonly #name: string;
  readonly #call: Call;
  readonly #settled: Array<PromiseWithResolvers<void> | undefined> = [];
  #made = 0;
  #isDead = false;

  private constructor(kind: string, name: string, call: Call) {
    this.kind = kind;
    this.#name = name;
    this.#call = call;
  }

  static async open(call: Call): Promise<RemoteJournal> {
    const name = String(++opened);
    const reply = (await (await call(`open?of=${name}`, "")).json()) as Reply;
    if (reply.error !== undefined) throw new Error(reply.error);
    return new RemoteJournal(String(reply.value), name, call);
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    const batches = (await this.#ask("rows", `&bucket=${bucket}`)) as PlainRows;
    for (const rows of batches) yield rows.map(([key, value]) => ({ key: bytes(key), value: bytes(value) }));
  }

  async write(changes: readonly Change[]): Promise<void> {
    const plain = changes.map(({ bucket, key, value }): PlainChange => {
      return { bucket, key: text(key), value: value === undefined ? undefined : text(value) };
    });
    await this.#ask("write", "", JSON.stringify(plain));
  }

  async close(): Promise<void> {
    if (!this.#isDead) await this.#ask("close");
  }

  /** Nothing more is heard of it. */
  kill(): void {
    this.#isDead = true;
  }

  async #ask(method: string, query = "", body = ""): Promise<unknown> {
    const response = await this.#call(`${method}?of=${this.#name}&before=${this.#made++}${query}`, body);
    if (this.#isDead) await new Promise(() => {});
    const { value, error, settledBefore } = (await response.json()) as Reply;
    // The first reply, to the opening, was awaited.
    if (settledBefore > 1) await this.#turn(settledBefore - 1).promise;
    this.#turn(settledBefore).resolve();
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** Settles when the call has that settled after so many others. */
  #turn(settledBefore: number): PromiseWithResolvers<void> {
    this.#settled[settledBefore] ??= Promise.withResolvers<void>();
    return this.#settled[settledBefore];
  }
}

function changeOf({ bucket, key, value }: PlainChange): Change {
  return { bucket, key: bytes(key), value: value === undefined ? undefined : bytes(value) };
}

function bytes(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

function text(value: Uint8Array): string {
  let characters = "";
  for (const byte of value) characters += String.fromCharCode(byte);
  return characters;
}
