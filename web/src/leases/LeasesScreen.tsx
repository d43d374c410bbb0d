export default function LeasesScreen() {
  return null;
}
