export default function RequestsPanel() {
  return null;
}
