import type { Connection } from "../../store/connection.ts";
import { type ConsoleClients, consoleClients } from "../commands/command.ts";
import { History } from "./history.ts";
import { Session } from "./session.ts";

interface Held {
  readonly connection: Connection;
  /** Of the connection's users. */
  readonly epoch: number;
  readonly clients: ConsoleClients;
  readonly session: Session;
  readonly history: History;
}

let held: Held | undefined;

/** The console of a connection and its user: it goes on, and keeps what it printed, while its panel is not shown. */
export function sessionFor(connection: Connection): Held {
  const epoch = connection.session.epoch.value;
  if (held?.connection === connection && held.epoch === epoch) return held;
  held?.session.close();
  const { endpoint, transport } = connection;
  const clients = consoleClients(connection.clients, transport);
  const name = endpoint.kind === "server" ? endpoint.url : connection.id;
  const history = held?.history ?? new History(storage());
  held = { connection, epoch, clients, session: new Session(clients, name), history };
  return held;
}

function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
