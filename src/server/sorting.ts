/** Sorted by themselves, as that takes a moment. */
const RUN_LENGTH = 2000;
const MERGED_PER_STEP = 5000;

/** Strings in their order, step by step: runs are sorted, and joined two by two. */
export function* sorting(strings: Iterable<string>): Generator<void, string[]> {
  let runs: string[][] = [];
  let run: string[] = [];
  for (const string of strings) {
    if (run.length === RUN_LENGTH) {
      runs.push(run.sort());
      run = [];
      yield;
    }
    run.push(string);
  }
  runs.push(run.sort());
  while (runs.length > 1) {
    const joined: string[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      joined.push(yield* merging(runs[at] as string[], runs[at + 1] ?? []));
      yield;
    }
    runs = joined;
  }
  return runs[0] as string[];
}

function* merging(left: readonly string[], right: readonly string[]): Generator<void, string[]> {
  const merged: string[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const isLeft = r === right.length || (l < left.length && (left[l] as string) < (right[r] as string));
    merged.push((isLeft ? left[l++] : right[r++]) as string);
    if (merged.length % MERGED_PER_STEP === 0) yield;
  }
  return merged;
}
