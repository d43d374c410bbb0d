/**
 * One round: all tabs write and watch, the owner ends at a random moment, and then it is counted what of the
 * acknowledged writes is missing and what any watch missed or saw twice.
 */
import type { Random } from "./random.ts";
import type { Seen } from "./site/tab.ts";
import { call, KILLS, type Kill, type OpenTab, type Tabs } from "./tabs.ts";

export interface RoundResult {
  readonly kill: Kill;
  readonly acknowledged: number;
  readonly unavailable: number;
  /** From the end of the owner to the first write that the next one answered. */
  readonly takeoverMs: number;
  /** What is wrong, in words. */
  readonly lost: readonly string[];
  readonly missed: readonly string[];
  readonly doubled: readonly string[];
  readonly others: readonly string[];
}

const MAX_WARM_UP_MS = 300;
const MAX_KILL_DELAY_MS = 200;
const AFTER_MS = 150;
const PATIENCE_MS = 20_000;

export async function playRound(tabs: Tabs, store: string, random: Random): Promise<RoundResult> {
  const everyone = [...tabs.open];
  for (const tab of everyone) tab.acknowledged.length = 0;
  for (const tab of everyone) await call(tab, "open", store);
  await Promise.all(everyone.map((tab) => call(tab, "watch")));
  for (const tab of everyone) await call(tab, "write", tab.name);
  await pause(50 + random.below(MAX_WARM_UP_MS));
  const owner = await tabs.owner();
  await pause(random.below(MAX_KILL_DELAY_MS));
  const kill = random.pick(KILLS);
  const epoch = (await call(owner, "state")).epoch;
  const killedMs = await tabs.kill(owner, kill);
  const survivors = tabs.open;
  await until(async () => {
    const states = await Promise.all(survivors.map((tab) => call(tab, "state")));
    return states.every((state) => state.epoch > epoch && (state.role === "owner" || state.role === "guest"));
  }, "every tab has found the next owner");
  await pause(AFTER_MS);
  await Promise.all(survivors.map((tab) => call(tab, "stopWriting")));
  const takeovers = survivors.map((tab) => firstAfter(tab, killedMs));
  const result = await judge(everyone, survivors);
  await Promise.all(survivors.map((tab) => call(tab, "close")));
  return { kill, takeoverMs: Math.max(...takeovers), ...result };
}

/** The longest a tab was without an answer, beginning before the kill or after it. */
function firstAfter(tab: OpenTab, killedMs: number): number {
  let longestMs = 0;
  let lastMs = killedMs;
  for (const { atMs } of tab.acknowledged) {
    if (atMs <= killedMs) continue;
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return longestMs;
}

async function judge(everyone: readonly OpenTab[], survivors: readonly OpenTab[]) {
  const [witness] = survivors as [OpenTab];
  const revision = await call(witness, "revision");
  const history = await call(witness, "history", revision);
  const others: string[] = [];
  await until(async () => {
    const reports = await Promise.all(survivors.map((tab) => call(tab, "report")));
    return reports.every(({ seen }) =>
      seen.every((one) => one.error !== undefined || revisionOf(one.events.at(-1)) >= revision),
    );
  }, "every watch has come to the last revision").catch((error: unknown) => others.push(String(error)));
  const reports = await Promise.all(survivors.map((tab) => call(tab, "report")));
  const written = new Set(history);
  const acknowledged = everyone.flatMap((tab) => tab.acknowledged);
  const missed: string[] = [];
  const doubled: string[] = [];
  reports.forEach(({ seen, unexpected }, at) => {
    others.push(...unexpected);
    for (const one of seen) compare(`${survivors[at]?.name} ${one.name}`, one, history, { missed, doubled, others });
  });
  return {
    acknowledged: acknowledged.length,
    unavailable: reports.reduce((sum, report) => sum + report.unavailable, 0),
    lost: acknowledged.filter(({ key, revision }) => !written.has(`${revision} ${key}`)).map(({ key }) => key),
    ...{ missed, doubled, others },
  };
}

interface Faults {
  readonly missed: string[];
  readonly doubled: string[];
  readonly others: string[];
}

function compare(who: string, seen: Seen, history: readonly string[], faults: Faults): void {
  if (seen.error !== undefined) faults.others.push(`${who}: ${seen.error}`);
  const expected = history.filter((event) => revisionOf(event) >= seen.from);
  const events = new Set(seen.events);
  for (const event of expected) if (!events.has(event)) faults.missed.push(`${who}: ${event}`);
  if (events.size < seen.events.length) faults.doubled.push(`${who}: ${seen.events.length - events.size} events`);
  const known = new Set(expected);
  for (const event of events) if (!known.has(event)) faults.others.push(`${who}: saw ${event}, which is not there`);
  const inOrder = seen.events.every((event, at) => at === 0 || revisionOf(event) >= revisionOf(seen.events[at - 1]));
  if (!inOrder) faults.others.push(`${who}: out of order`);
}

function revisionOf(event: string | undefined): number {
  return Number(event?.split(" ", 1)[0] ?? 0);
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await pause(10);
  }
}

/** The moment of a kill is what a round is about: it is chance, from the seed. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
