export default function ConsolePanel() {
  return null;
}
