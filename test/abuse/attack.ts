/** What an attack is, and what all of them need. */
import { RawConnection } from "./wire.ts";

export interface Target {
  readonly port: number;
  /** How long to go on. */
  readonly durationMs: number;
}

export interface Attack {
  readonly name: string;
  /** Flags of the server: only such as make it stricter, so that a limit is reached within seconds. */
  readonly flags?: readonly string[];
  /** What the server's memory may peak at; by default DEFAULT_MAX_RSS_MB. */
  readonly maxRssMb?: number;
  /** Settles with what the server did about it; throws an AttackWon where it did too little. */
  run(target: Target): Promise<string>;
}

/** An idle server takes 100 to 130 MB; the garbage of a busy one as much again. */
export const DEFAULT_MAX_RSS_MB = 400;

/** An attack that ends as soon as it is refused may take that long, however short the others are. */
export const MIN_DURATION_MS = 5000;

/** The server let something through. */
export class AttackWon extends Error {
  override name = "AttackWon";
}

export function demand(condition: boolean, complaint: string): void {
  if (!condition) throw new AttackWon(complaint);
}

export interface Flood {
  /** Connections at once. */
  readonly connections: number;
  /** Sends a piece; false once the server has closed. */
  readonly send: (connection: RawConnection, round: number) => Promise<boolean>;
  readonly open?: (port: number) => Promise<RawConnection>;
}

export interface FloodResult {
  readonly opened: number;
  /** How many of them the server ended. */
  readonly ended: number;
  /** Why, by what it said. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** Keeps so many connections busy for the time, each opened again when it is closed. */
export async function flood({ port, durationMs }: Target, options: Flood): Promise<FloodResult> {
  const end = performance.now() + durationMs;
  const reasons = new Map<string, number>();
  let [opened, ended] = [0, 0];
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const connection = await (options.open ?? RawConnection.http2)(port);
      opened++;
      let isEnded = false;
      for (let round = 0; !isEnded && performance.now() < end; round++) {
        isEnded = !(await options.send(connection, round)) || connection.goaway() !== undefined;
      }
      if (isEnded) {
        ended++;
        const reason = reasonOf(connection);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      connection.socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: options.connections }, work));
  return { opened, ended, reasons };
}

function reasonOf(connection: RawConnection): string {
  const goaway = connection.goaway();
  return goaway === undefined ? "closed" : `GOAWAY ${goaway.code}${goaway.text === "" ? "" : ` ${goaway.text}`}`;
}

export function told({ opened, ended, reasons }: FloodResult): string {
  const why = [...reasons].map(([reason, count]) => `${count}× ${reason}`).join(", ");
  return `${ended} of ${opened} connections ended${why === "" ? "" : `: ${why}`}`;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
