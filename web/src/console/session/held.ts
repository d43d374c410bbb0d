import type { Connection } from "../../store/connection.ts";
import { History } from "./history.ts";
import { Session } from "./session.ts";

interface Held {
  readonly connection: Connection;
  readonly session: Session;
  readonly history: History;
}

let held: Held | undefined;

/** The console of a connection: it goes on, and keeps what it printed, while its panel is not shown. */
export function sessionFor(connection: Connection): Held {
  if (held?.connection === connection) return held;
  held?.session.close();
  const { endpoint, clients } = connection;
  const name = endpoint.kind === "server" ? endpoint.url : connection.id;
  const history = held?.history ?? new History(storage());
  held = { connection, session: new Session(clients, name), history };
  return held;
}

function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
