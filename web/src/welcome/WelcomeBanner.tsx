export function WelcomeBanner() {
  return null;
}
