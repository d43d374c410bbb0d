/** A revision as a person types it; undefined for what is none. */
export function readRevision(text: string): number | undefined {
  const trimmed = text.trim();
  const revision = Number(trimmed);
  return /^\d+$/.test(trimmed) && Number.isSafeInteger(revision) && revision > 0 ? revision : undefined;
}
