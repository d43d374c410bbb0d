/** The processor time of a server: of its process, all threads, and of processes that it has started. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Of Linux, whatever its kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** Seconds so far; undefined where the system does not tell. */
export function cpuSeconds(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  let ticks = 0;
  const left = [pid];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    // After the name, which may hold anything: state, and at 11 and 12 from there the ticks of user and system.
    const stat = readFileSync(`/proc/${next}/stat`, "latin1");
    const numbers = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(numbers[11]) + Number(numbers[12]);
    for (const thread of readdirSync(`/proc/${next}/task`)) {
      const children = readFileSync(`/proc/${next}/task/${thread}/children`, "latin1").trim();
      if (children !== "") left.push(...children.split(" ").map(Number));
    }
  }
  return ticks / TICKS_PER_SECOND;
}
