/** A process of its own for each attack, `attacker.ts NAME PORT DURATION_MS`: it must not take time from the measuring. */
import { getPriority, setPriority } from "node:os";
import { AttackWon } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";

// The server is to be slowed by what the attack does to it, not by a machine with too few cores for both.
setPriority(Math.min(19, getPriority() + 10));
const [name, port, durationMs] = process.argv.slice(2);
const attack = ATTACKS.find((one) => one.name === name);
if (attack === undefined) throw new Error(`no attack is named ${name}`);
try {
  const outcome = await attack.run({ port: Number(port), durationMs: Number(durationMs) });
  process.stdout.write(JSON.stringify({ isWon: false, outcome }));
} catch (error) {
  const outcome = error instanceof AttackWon ? error.message : (error as Error).stack;
  process.stdout.write(JSON.stringify({ isWon: true, outcome }));
}
process.exit(0);
