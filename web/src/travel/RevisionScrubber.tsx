export function RevisionScrubber() {
  return null;
}
