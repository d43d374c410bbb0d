/** Passwords in what is typed, which neither the output nor the history keeps. */
import { MASK } from "../../store/secrets.ts";

const WITH_PASSWORD = [
  // user add NAME:PASSWORD
  /(\buser\s+add\s(?:.*\s)?[^\s:]+:)\S.*$/,
  /(--new-user-password[=\s]\s*)\S.*$/,
  // What user add and user passwd read.
  /(\buser\s+(?:add|passwd)\b.*<<<\s*)\S.*$/,
];

/** The line with what follows a password's beginning masked. */
export function withoutPassword(line: string): string {
  return WITH_PASSWORD.reduce((masked, pattern) => masked.replace(pattern, `$1${MASK}`), line);
}

/** Whether what goes on in further lines is read as a password. */
export function isPasswordInput(begun: string): boolean {
  return /\buser\s+(?:add|passwd)\b/.test(begun);
}
