import { NO_PROGRESS, type Progress } from "../progress.ts";
import { type Survey, survey } from "./survey.ts";

/** Of each kind of damage, so many lines. */
const MAX_LINES = 20;

export interface Report {
  readonly isWhole: boolean;
  /** For people. */
  readonly text: string;
}

/** What a data dir holds, and what of it is damaged. @throws JournalError as `survey` */
export async function checkDataDir(directory: string, progress: Progress = NO_PROGRESS): Promise<Report> {
  const found = await survey(directory, progress);
  const { damages, damagedRows } = found;
  const isWhole = damages.length === 0 && damagedRows.length === 0;
  const lines = isWhole ? [`${directory} is whole`] : [`${directory} is damaged:`];
  for (const list of [damages, damagedRows]) {
    for (const damage of list.slice(0, MAX_LINES)) lines.push(`  ${damage}`);
    if (list.length > MAX_LINES) lines.push(`  … and ${list.length - MAX_LINES} more`);
  }
  lines.push(...contentLines(found));
  if (!isWhole) lines.push(`\`etcdlite export ${directory} FILE\` saves what is whole`);
  return { isWhole, text: lines.map((line) => `${line}\n`).join("") };
}

/** How much there is. */
export function contentLines({ rows, damagedRows, restored }: Survey): string[] {
  const count = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const lines = [`rows: ${count} whole, ${damagedRows.length} damaged`];
  const state = restored?.state;
  if (state === undefined) return lines;
  const { store, leases, alarms } = state;
  const compacted = store.compactRevision < 0 ? "never compacted" : `compacted to ${store.compactRevision}`;
  lines.push(`revision: ${store.revision}, ${compacted}`);
  const others = [
    `${leases.length} leases`,
    `${rows.get("authUsers") ?? 0} users`,
    `${rows.get("authRoles") ?? 0} roles`,
  ];
  return [...lines, `keys: ${store.liveKeys}; ${others.join(", ")}, ${alarms.length} alarms`];
}
