/**
 * Node's servers in another runtime, as any options have them, for the tests of src/platform/node that take theirs
 * from a host (test/platform/node/support/elsewhere.ts):
 *
 *     PUT    /n/NAME       a new server; the body is its ServerOptions in JSON; answers `Started`, or `Refused`
 *     GET    /n/NAME/log   what it says, a `Line` in JSON each, until it ends
 *     DELETE /n/NAME       ends it, and answers when it has ended
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { createServer, type EtcdliteServer, type Log, type ServerOptions } from "../../src/platform/node/index.ts";

export type Started = Pick<EtcdliteServer, "url" | "urls" | "metricsUrls">;

export interface Refused {
  readonly name: string;
  readonly message: string;
}

export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: object | undefined;
}

interface Entry {
  readonly lines: Line[];
  server?: EtcdliteServer;
  reader?: ServerResponse;
}

const entries = new Map<string, Entry>();

export async function answerForServers(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, , name = "", what] = (request.url ?? "").split("/");
  if (request.method === "PUT") await start(name, JSON.parse(await text(request)) as ServerOptions, response);
  else if (request.method === "DELETE") await end(name, response);
  else if (what === "log") follow(name, response);
  else throw new Error(`no ${request.method} ${request.url}`);
}

async function start(name: string, options: ServerOptions, response: ServerResponse): Promise<void> {
  const entry: Entry = { lines: [] };
  entries.set(name, entry);
  try {
    entry.server = await createServer({ ...options, log: logInto(entry) });
    const { url, urls, metricsUrls } = entry.server;
    response.end(JSON.stringify({ url, urls, metricsUrls } satisfies Started));
  } catch (error) {
    const { name, message } = error as Error;
    response.writeHead(400).end(JSON.stringify({ name, message } satisfies Refused));
  }
}

async function end(name: string, response: ServerResponse): Promise<void> {
  const entry = entries.get(name);
  entries.delete(name);
  await entry?.server?.close();
  entry?.reader?.end();
  response.end();
}

function follow(name: string, response: ServerResponse): void {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`no server ${name}`);
  entry.reader = response;
  response.flushHeaders();
  for (const line of entry.lines.splice(0)) write(response, line);
}

function logInto(entry: Entry): Log {
  const at =
    (level: Line["level"]) =>
    (message: string, fields?: object): void => {
      if (entry.reader === undefined) entry.lines.push({ level, message, fields });
      else write(entry.reader, { level, message, fields });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function write(response: ServerResponse, line: Line): void {
  response.write(`${JSON.stringify(line)}\n`);
}
