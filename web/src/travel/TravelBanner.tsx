export function TravelBanner() {
  return null;
}
