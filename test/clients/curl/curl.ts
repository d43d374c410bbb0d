/** curl driven by a script, and the transcript of what came: body, HTTP status, content type. */
import type { ExecResult } from "../harness/exec.ts";
import { run, Session } from "../harness/exec.ts";
import { Normaliser } from "../harness/normalise.ts";

/** What curl prints behind the body. */
const WRITE_OUT = "\n= %{http_code} %{content_type}";
const JWT_OR_SIMPLE_TOKEN = /"token":"([^"]+)"/;

export class Curl {
  readonly url: string;
  private readonly binary: string;
  private readonly normaliser = new Normaliser();
  private readonly lines: string[] = [];

  private constructor(binary: string, url: string, folder: string) {
    this.binary = binary;
    this.url = url;
    this.normaliser.replace(folder, "FOLDER");
    // etcdlite adds a line to Go's "404 page not found", for who opens it in a browser.
    this.normaliser.hide(/^etcdlite serves .*\n/gm, "");
  }

  /** Learns the server's ids first, to name them in the transcript. */
  static async open(binary: string, url: string, folder: string): Promise<Curl> {
    const curl = new Curl(binary, url, folder);
    const header = await curl.silent("/v3/cluster/member/list", "{}");
    const member = /"member_id":"(\d+)"/.exec(header)?.[1];
    const cluster = /"cluster_id":"(\d+)"/.exec(header)?.[1];
    if (member === undefined || cluster === undefined) throw new Error(`no ids in the header: ${header}`);
    curl.normaliser.name("MEMBER", BigInt(member));
    curl.normaliser.name("CLUSTER", BigInt(cluster));
    return curl;
  }

  get transcript(): string {
    return `${this.lines.join("\n")}\n`;
  }

  hide(pattern: RegExp, name: string): void {
    this.normaliser.hide(pattern, name);
  }

  note(text: string): void {
    this.lines.push(`# ${this.normaliser.text(text)}`);
  }

  /** Posts a body to a path and records what came; returns it too. */
  async post(path: string, body: string, flags: readonly string[] = []): Promise<string> {
    return await this.run(path, ["-d", body, ...flags]);
  }

  /** Any request. */
  async run(path: string, flags: readonly string[] = []): Promise<string> {
    const result = await run(this.binary, ["-sS", "-w", WRITE_OUT, ...flags, this.url + path]);
    this.log(describe(path, flags), result);
    return result.stdout.toString();
  }

  async silent(path: string, body: string, flags: readonly string[] = []): Promise<string> {
    const result = await run(this.binary, ["-sS", "--fail", "-d", body, ...flags, this.url + path]);
    if (result.status !== 0) throw new Error(`curl ${path}: ${result.status}\n${result.stdout}${result.stderr}`);
    return result.stdout.toString();
  }

  /** A user's token, from then on named TOKEN-NAME. */
  async signIn(name: string, password: string): Promise<string> {
    const reply = await this.silent("/v3/auth/authenticate", JSON.stringify({ name, password }));
    const token = JWT_OR_SIMPLE_TOKEN.exec(reply)?.[1];
    if (token === undefined) throw new Error(`no token: ${reply}`);
    this.normaliser.replace(token, `TOKEN-${name}`);
    return token;
  }

  /** Reads a stream until this many of its lines have come, acting after the first; then ends it and records it. */
  async stream(
    path: string,
    body: string,
    lineCount: number,
    meanwhile: () => Promise<void> = async () => {},
    flags: readonly string[] = [],
  ): Promise<void> {
    const session = new Session(this.binary, ["-sSN", "-d", body, ...flags, this.url + path]);
    session.finishInput();
    const lines = (stdout: string): number => stdout.split("\n").length - 1;
    await session.waitFor("the first line", (stdout) => lines(stdout) >= 1);
    await meanwhile();
    await session.waitFor(`${lineCount} lines`, (stdout) => lines(stdout) >= lineCount);
    session.signal("SIGTERM");
    this.log(`${describe(path, ["-d", body, ...flags])}, ended after ${lineCount} lines`, await session.exited());
  }

  private log(title: string, { stdout, stderr }: ExecResult): void {
    this.lines.push(`$ ${this.normaliser.text(title)}`);
    const lines = inOrder(this.normaliser.text(stdout.toString()).split("\n"));
    this.lines.push(...lines.filter((line) => line !== ""), ...stderr.split("\n").filter((line) => line !== ""));
  }
}

/** etcd lists its checks in no order of its own. */
function inOrder(lines: readonly string[]): readonly string[] {
  const checks = lines.filter((line) => /^\[[+-]\]/.test(line)).sort();
  return [...checks, ...lines.filter((line) => !checks.includes(line))];
}

function describe(path: string, flags: readonly string[]): string {
  const words = flags.map((word) => (/^[\w./:=+-]+$/.test(word) ? word : `'${word}'`));
  return [path, ...words].join(" ");
}
