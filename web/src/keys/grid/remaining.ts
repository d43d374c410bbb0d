/** `4 s`, `3 min`, `2 h`, `5 d`: seconds while they matter. */
export function remainingText(remainingMs: number): string {
  const seconds = Math.ceil(remainingMs / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
