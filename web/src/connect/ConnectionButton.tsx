export function ConnectionButton() {
  return null;
}
