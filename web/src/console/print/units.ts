/** Sizes and durations as etcdctl writes them. */

const SIZES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

/** `2.1 GB`: thousands, one decimal below ten. */
export function bytesText(sizeBytes: bigint): string {
  const size = Number(sizeBytes);
  if (size < 10) return `${size} B`;
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log(size) / Math.log(1000)));
  const value = Math.floor((size / 1000 ** power) * 10 + 0.5) / 10;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${SIZES[power]}`;
}

/** `1.5ms`: the unit that leaves a digit before the point, as Go's Duration. */
export function durationText(milliseconds: number): string {
  const micros = Math.max(1, Math.round(milliseconds * 1000));
  if (micros < 1000) return `${micros}µs`;
  return micros < 1_000_000 ? `${micros / 1000}ms` : `${micros / 1_000_000}s`;
}
