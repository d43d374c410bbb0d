/**
 * etcdctl driven by a script, and the transcript of what it printed.
 *
 * A script is a function that calls run() and start(); every command and all it printed goes into the
 * transcript, with what differs from run to run by its nature (see normalise.ts) replaced by names. Two
 * servers that behave alike give two equal transcripts, byte for byte.
 */
import type { ExecOptions, ExecResult } from "../harness/exec.ts";
import { run, Session } from "../harness/exec.ts";
import { Normaliser } from "../harness/normalise.ts";
import type { Etcdctl } from "../harness/tools.ts";

/** Longer input is described by its length. */
const SHOWN_INPUT = 400;

export type CtlOptions = ExecOptions & {
  /** An id that this command makes: the name it is to appear by, here and from then on, and where it is printed. */
  readonly naming?:
    | { readonly name: string; readonly hex: RegExp }
    | { readonly name: string; readonly decimal: RegExp };
};

export class Ctl {
  readonly version: Etcdctl["version"];
  /** HOST:PORT, as etcdctl's own default has it. */
  readonly endpoint: string;
  /** A folder of this run, empty at first; removed afterwards. */
  readonly folder: string;
  private readonly binary: string;
  private readonly normaliser = new Normaliser();
  private readonly ids = new Map<string, bigint>();
  private readonly lines: string[] = [];

  private constructor(etcdctl: Etcdctl, url: string, folder: string) {
    this.version = etcdctl.version;
    this.binary = etcdctl.binary;
    this.folder = folder;
    this.endpoint = new URL(url).host;
  }

  /** Learns the server's ids first, to name them in the transcript. */
  static async open(etcdctl: Etcdctl, url: string, folder: string): Promise<Ctl> {
    const ctl = new Ctl(etcdctl, url, folder);
    const status = await ctl.silent(["get", "none", "-w", "json"]);
    const member = /"member_id":(\d+)/.exec(status)?.[1];
    const cluster = /"cluster_id":(\d+)/.exec(status)?.[1];
    if (member === undefined || cluster === undefined) throw new Error(`no ids in the header: ${status}`);
    ctl.name("MEMBER", BigInt(member));
    ctl.name("CLUSTER", BigInt(cluster));
    ctl.normaliser.replace(folder, "FOLDER");
    ctl.normaliser.replace(url, "URL");
    ctl.normaliser.replace(ctl.endpoint, "ENDPOINT");
    return ctl;
  }

  get transcript(): string {
    return `${this.lines.join("\n")}\n`;
  }

  /** What every command begins with; the time limits are etcdctl's own, raised for machines that are busy. */
  private get base(): string[] {
    return ["--endpoints", this.endpoint, "--dial-timeout=10s", "--command-timeout=30s"];
  }

  /** Runs one command and records it; returns what it printed to stdout, as it was. */
  async run(args: readonly string[], options: CtlOptions = {}): Promise<string> {
    const result = await this.attempt(args, options);
    const printed = result.stdout.toString("latin1");
    if (options.naming !== undefined) this.nameFrom(printed, options.naming);
    this.log(describeCommand(args, options), args, result);
    return printed;
  }

  /** Runs another program, which appears by its own name, and records it. */
  async runTool(name: string, binary: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
    const result = await run(binary, args, options);
    this.log(`(${name}) ${describeCommand(args, options)}`, args, result);
    return result.stdout.toString("latin1");
  }

  /** A member's or a lease's id by its name, as 16 hex digits at most, as etcdctl takes and prints it. */
  id(name: string): string {
    // What has no id was not made: the transcript shows why.
    return this.ids.get(name)?.toString(16) ?? "0";
  }

  /** Runs one command that leaves no trace in the transcript, whatever comes of it. */
  async attempt(args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return await run(this.binary, [...this.base, ...args], options);
  }

  /** Runs one command that leaves no trace in the transcript; it must succeed. */
  async silent(args: readonly string[], options: ExecOptions = {}): Promise<string> {
    const result = await this.attempt(args, options);
    if (result.status !== 0) throw new Error(`etcdctl ${args.join(" ")}: ${result.status}\n${result.stderr}`);
    return result.stdout.toString("latin1");
  }

  /** Starts a command that goes on running; its output enters the transcript when it ends. */
  start(args: readonly string[], options: ExecOptions = {}): Running {
    this.lines.push(this.normaliser.text(`$ ${describeCommand(args, options)} &`));
    const session = new Session(this.binary, [...this.base, ...args], options);
    return new Running(session, (ending, result) => this.log(`(${args.join(" ")}) ${ending}`, args, result));
  }

  /** A lease with an id of the server's choice, named so in the transcript; returns the id in hex. */
  async grant(name: string, ttlSeconds: number, flags: readonly string[] = []): Promise<string> {
    const printed = await this.silent([...flags, "lease", "grant", String(ttlSeconds)]);
    const id = /^lease ([0-9a-f]{16}) granted with TTL\((\d+)s\)\n$/.exec(printed)?.[1];
    if (id === undefined) throw new Error(`lease grant printed ${printed}`);
    this.name(name, BigInt(`0x${id}`));
    this.note(`lease ${name} granted for ${ttlSeconds} s`);
    return id;
  }

  /** The store's revision now. */
  async revision(): Promise<number> {
    const printed = await this.silent(["get", "none", "-w", "json"]);
    return Number(/"revision":(\d+)/.exec(printed)?.[1]);
  }

  /** Text that differs from run to run in this script alone. */
  hide(pattern: RegExp, name: string): void {
    this.normaliser.hide(pattern, name);
  }

  note(text: string): void {
    this.lines.push(this.normaliser.text(`# ${text}`));
  }

  /** Where no id is printed, the command failed: the transcript shows it. */
  private nameFrom(printed: string, naming: NonNullable<CtlOptions["naming"]>): void {
    const pattern = "hex" in naming ? naming.hex : naming.decimal;
    const found = pattern.exec(printed)?.[1];
    if (found !== undefined) this.name(naming.name, BigInt("hex" in naming ? `0x${found}` : found));
  }

  private name(name: string, id: bigint): void {
    this.ids.set(name, id);
    this.normaliser.name(name, id);
  }

  private log(title: string, args: readonly string[], result: ExecResult): void {
    this.lines.push(`$ ${this.normaliser.text(title)}`);
    this.lines.push(...this.normaliser.stdout(result.stdout, args));
    this.lines.push(...this.normaliser.stderr(result.stderr));
    if (result.status !== 0) this.lines.push(`= ${result.status}`);
  }
}

/** A command in the background: a watch, a keep-alive, a lock. */
export class Running {
  private readonly session: Session;
  private readonly log: (ending: string, result: ExecResult) => void;

  constructor(session: Session, log: (ending: string, result: ExecResult) => void) {
    this.session = session;
    this.log = log;
  }

  /** Types a line at it. */
  send(line: string): void {
    this.session.write(`${line}\n`);
  }

  async untilPrinted(text: string, times = 1): Promise<void> {
    const condition = (stdout: string): boolean => stdout.split(text).length > times;
    await this.session.waitFor(`${JSON.stringify(text)} was printed`, condition);
  }

  async untilLines(count: number): Promise<void> {
    await this.session.waitFor(`${count} lines`, (stdout) => stdout.split("\n").length > count);
  }

  async untilBytes(count: number): Promise<void> {
    await this.session.waitFor(`${count} bytes`, (stdout) => stdout.length >= count);
  }

  /** Ends it as a user does, and records what it printed. */
  async interrupt(signal: NodeJS.Signals = "SIGINT"): Promise<string> {
    this.session.signal(signal);
    return await this.finish(`ended by ${signal}`);
  }

  /** Waits for it to end by itself, and records what it printed. */
  async ended(): Promise<string> {
    return await this.finish("ended");
  }

  private async finish(ending: string): Promise<string> {
    const result = await this.session.exited();
    this.log(ending, result);
    return result.stdout.toString("latin1");
  }
}

function describeCommand(args: readonly string[], options: ExecOptions): string {
  const words = args.map((word) => (/^[\w./:=+-]+$/.test(word) ? word : JSON.stringify(word)));
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value} `);
  const stdin = options.stdin === undefined ? "" : ` <<< ${describeInput(String(options.stdin))}`;
  return env.join("") + words.join(" ") + stdin;
}

function describeInput(text: string): string {
  return text.length <= SHOWN_INPUT ? JSON.stringify(text) : `${text.length} characters`;
}
