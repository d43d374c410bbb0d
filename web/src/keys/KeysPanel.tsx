export function KeysPanel() {
  return null;
}
