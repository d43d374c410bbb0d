export function WatchSummary() {
  return null;
}
