import { Random } from "./random.ts";
import { playRound, type RoundResult } from "./round.ts";
import { KILLS, Tabs } from "./tabs.ts";

export interface RoundsOptions {
  readonly rounds: number;
  readonly tabs: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface Summary {
  /** Empty if nothing is wrong. */
  readonly faults: readonly string[];
  readonly maxTakeoverMs: number;
  readonly line: string;
}

/** Plays rounds one after the other in one browser; a tab that is gone is made up for by a new one. */
export async function playRounds({ rounds, tabs: count, seed, log }: RoundsOptions): Promise<Summary> {
  const random = new Random(seed);
  const tabs = await Tabs.start();
  const results: RoundResult[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      while (tabs.open.length < count) await tabs.add();
      const result = await playRound(tabs, `round${round}`, random);
      results.push(result);
      const { kill, takeoverMs, acknowledged, unavailable } = result;
      log(
        `round ${round}: ${kill}, takeover ${takeoverMs} ms, ${acknowledged} acknowledged, ${unavailable} unavailable`,
      );
      for (const fault of faultsOf(result).slice(0, 20)) log(`  ${fault}`);
    }
  } finally {
    await tabs.close();
  }
  return summaryOf(results, count, seed);
}

function faultsOf({ lost, missed, doubled, others }: RoundResult): string[] {
  return [
    ...lost.map((what) => `lost ${what}`),
    ...missed.map((what) => `missed ${what}`),
    ...doubled.map((what) => `doubled ${what}`),
    ...others,
  ];
}

function summaryOf(results: readonly RoundResult[], tabs: number, seed: number): Summary {
  const sum = (count: (result: RoundResult) => number): number =>
    results.reduce((all, result) => all + count(result), 0);
  const takeovers = results.map(({ takeoverMs }) => takeoverMs).sort((a, b) => a - b);
  const at = (share: number): number =>
    takeovers[Math.min(takeovers.length - 1, Math.floor(takeovers.length * share))] ?? 0;
  const kills = KILLS.map((kill) => `${kill} ${results.filter((result) => result.kill === kill).length}`).join(", ");
  const line =
    `rounds=${results.length} tabs=${tabs} seed=${seed} (${kills}): acknowledged=${sum((r) => r.acknowledged)} ` +
    `unavailable=${sum((r) => r.unavailable)} lost=${sum((r) => r.lost.length)} missed=${sum((r) => r.missed.length)} ` +
    `doubled=${sum((r) => r.doubled.length)} other=${sum((r) => r.others.length)} ` +
    `takeover_ms p50=${at(0.5)} p95=${at(0.95)} max=${takeovers.at(-1) ?? 0}`;
  return { faults: results.flatMap(faultsOf), maxTakeoverMs: takeovers.at(-1) ?? 0, line };
}
