export function WatchDock() {
  return null;
}
