/** Shows where two transcripts part: the command, and the lines around it on both sides. */

const SHOWN_LINES = 12;

/** Undefined when they are equal. */
export function firstDifference(expected: string, actual: string): string | undefined {
  if (expected === actual) return undefined;
  const wanted = expected.split("\n");
  const got = actual.split("\n");
  let at = 0;
  while (wanted[at] === got[at]) at++;
  let command = at;
  while (command > 0 && !got[command]?.startsWith("$ ")) command--;
  const lines = [`after line ${at}, at the command:`, `  ${got[command] ?? "(the end)"}`];
  for (const line of wanted.slice(at, at + SHOWN_LINES)) lines.push(`- ${line}`);
  for (const line of got.slice(at, at + SHOWN_LINES)) lines.push(`+ ${line}`);
  return lines.join("\n");
}
