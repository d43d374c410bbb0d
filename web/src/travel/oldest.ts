import { Code, ConnectError } from "@connectrpc/connect";
import type { Connection } from "../store/connection.ts";
import { background } from "../store/requestlog.ts";
import { Cell } from "../ui/cell.ts";

/** Keys are not empty, and this one costs nothing to count. */
const ANY_KEY = Uint8Array.of(0);

/**
 * The oldest revision that can be read, found by halving: no call of etcd's tells it.
 *
 * @param from a revision that everything before is known to be compacted
 * @param to one that can be read
 */
export async function oldestReadable(
  isReadable: (revision: number) => Promise<boolean>,
  from: number,
  to: number,
): Promise<number> {
  if (from >= to || (await isReadable(from))) return from;
  let compacted = from;
  let readable = to;
  while (readable - compacted > 1) {
    const middle = Math.floor((compacted + readable) / 2);
    if (await isReadable(middle)) readable = middle;
    else compacted = middle;
  }
  return readable;
}

const cells = new WeakMap<Connection, Cell<number>>();

/** The oldest revision that could be read when `refreshOldest` last looked; 1 before. */
export function oldestOf(connection: Connection): Cell<number> {
  const cell = cells.get(connection) ?? new Cell(1);
  cells.set(connection, cell);
  return cell;
}

/** Looks again: one call, unless the store was compacted since. */
export async function refreshOldest(connection: Connection): Promise<void> {
  const cell = oldestOf(connection);
  const latest = connection.revision.value;
  if (latest === 0) return;
  const isReadable = async (revision: number): Promise<boolean> => {
    try {
      const request = { key: ANY_KEY, revision: BigInt(revision), countOnly: true };
      await connection.clients.kv.range(request, { contextValues: background });
      return true;
    } catch (error) {
      if (ConnectError.from(error).code === Code.OutOfRange) return false;
      throw error;
    }
  };
  try {
    cell.set(await oldestReadable(isReadable, Math.min(cell.value, latest), latest));
  } catch {
    // Not told: what reads at a revision shows the error.
  }
}
