import { Cell } from "../../ui/cell.ts";
import type { ConsoleClients, ReadLine } from "../commands/command.ts";
import { evaluate } from "../evaluate.ts";
import { fromText, type GoString } from "../language/gostring.ts";
import { type CommandLine, parseLine } from "../language/shell.ts";
import type { Output } from "../print/output.ts";
import { Scrollback } from "./scrollback.ts";
import { isPasswordInput, withoutPassword } from "./secrets.ts";

/** What a line that is typed now is taken for. */
export type Phase =
  | "command"
  /** The end of a quote or here-document that was begun. */
  | "more"
  /** What the command that runs reads. */
  | "input"
  /** The same, but that nobody is to see: a password. */
  | "secret"
  /** Nothing yet: a command runs, and lines wait. */
  | "busy";

export interface SessionState {
  readonly phase: Phase;
  /** Commands that run beside, by `&`. */
  readonly jobs: number;
}

/** The end of the input, Ctrl+D. */
const END = Symbol("end");

/**
 * A terminal: lines go in, one after the other; a command runs to its end before the next, unless `&` puts it beside;
 * one that reads its input gets the lines that come while it runs.
 *
 *     submit → queue → command (parse, evaluate) → output
 *                   ↘ input of the command that runs
 */
export class Session {
  readonly output: Scrollback;
  readonly state = new Cell<SessionState>({ phase: "command", jobs: 0 });
  readonly #clients: ConsoleClients;
  readonly #endpoint: string;
  readonly #jobs = new Set<AbortController>();
  #queue: Array<string | typeof END> = [];
  #begun = "";
  #running: AbortController | undefined;
  #reader: ((line: string | typeof END) => void) | undefined;
  #isSecret = false;
  #lastJob = 0;

  constructor(clients: ConsoleClients, endpoint: string, output = new Scrollback()) {
    this.#clients = clients;
    this.#endpoint = endpoint;
    this.output = output;
  }

  /** Takes one line, or several that were pasted. */
  submit(text: string): void {
    this.#queue.push(...text.replace(/\r\n?/g, "\n").split("\n"));
    this.#pump();
  }

  /** Ctrl+D. */
  endInput(): void {
    if (this.#running === undefined) return;
    this.#queue.push(END);
    this.#pump();
  }

  /** Ctrl+C: ends what runs and forgets what waits; if nothing does, ends what runs beside. */
  cancel(): void {
    this.output.write("note", "^C\n");
    this.#queue = [];
    this.#begun = "";
    if (this.#running !== undefined) this.#running.abort();
    else for (const job of this.#jobs) job.abort();
    this.#tell();
  }

  /** Whether what is typed now, a line or several, is to be forgotten once it has run. */
  isSecret(text: string): boolean {
    const isMore = text.includes("\n") && isPasswordInput(text);
    return isMore || isPasswordInput(this.#begun) || withoutPassword(text) !== text;
  }

  close(): void {
    this.#queue = [];
    this.#running?.abort();
    for (const job of this.#jobs) job.abort();
  }

  #pump(): void {
    for (;;) {
      if (this.#running !== undefined && this.#reader === undefined) break;
      const line = this.#queue.shift();
      if (line === undefined) break;
      if (this.#reader !== undefined) this.#feed(line);
      else if (line !== END) this.#take(line);
    }
    this.#tell();
  }

  #feed(line: string | typeof END): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (line !== END && !this.#isSecret) this.output.write("input", `> ${fromText(line)}\n`);
    reader?.(line);
  }

  #take(line: string): void {
    const shown = isPasswordInput(this.#begun) ? "" : withoutPassword(line);
    this.output.write("input", `${this.#begun === "" ? "$" : ">"} ${fromText(shown)}\n`);
    const text = this.#begun + line;
    const parsed = parseLine(`${text}\n`);
    this.#begun = parsed.kind === "incomplete" ? `${text}\n` : "";
    if (parsed.kind === "error") this.output.write("err", `Error: ${fromText(parsed.message)}\n`);
    if (parsed.kind === "commands") void this.#runAll(parsed.commands);
  }

  async #runAll(commands: readonly CommandLine[]): Promise<void> {
    const running = new AbortController();
    for (const command of commands) {
      if (running.signal.aborted) break;
      if (command.words.join(" ") === "clear") this.output.clear();
      else if (command.isBackground) void this.#runBeside(command);
      else {
        this.#running = running;
        await this.#run(command, running.signal, (isSecret) => this.#readLine(running.signal, isSecret));
      }
    }
    this.#running = undefined;
    this.#reader = undefined;
    this.#pump();
  }

  async #runBeside(command: CommandLine): Promise<void> {
    const job = new AbortController();
    const number = ++this.#lastJob;
    this.#jobs.add(job);
    this.output.write("note", `[${number}] runs beside; Ctrl+C on an empty line ends it\n`);
    this.#tell();
    await this.#run(command, job.signal, async () => undefined);
    this.output.write("note", `[${number}] ended\n`);
    this.#jobs.delete(job);
    this.#tell();
  }

  async #run(command: CommandLine, signal: AbortSignal, readLine: ReadLine): Promise<void> {
    const output: Output = {
      // What still comes after the end of a command is nobody's.
      out: (text, key) => signal.aborted || this.output.write("out", text, key),
      err: (text) => signal.aborted || this.output.write("err", text),
    };
    await evaluate(command, { clients: this.#clients, endpoint: this.#endpoint, signal, output, readLine });
    this.output.endLine();
  }

  #readLine(signal: AbortSignal, isSecret = false): Promise<GoString | undefined> {
    this.#isSecret = isSecret;
    // What is asked is to be seen.
    this.output.endLine();
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#reader = (line) => resolve(line === END ? undefined : fromText(line));
      this.#pump();
    });
  }

  #tell(): void {
    const input = this.#isSecret ? "secret" : "input";
    const phase =
      this.#reader !== undefined ? input : this.#running !== undefined ? "busy" : this.#begun ? "more" : "command";
    const { value } = this.state;
    if (value.phase !== phase || value.jobs !== this.#jobs.size) this.state.set({ phase, jobs: this.#jobs.size });
  }
}
