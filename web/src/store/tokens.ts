/** Tokens of signed-in users, by endpoint, for as long as the page is open: they are secrets and never stored. */
const tokens = new Map<string, string>();

export function tokenFor(endpoint: string): string | undefined {
  return tokens.get(endpoint);
}

/** @param token undefined to sign out */
export function setToken(endpoint: string, token: string | undefined): void {
  if (token === undefined) tokens.delete(endpoint);
  else tokens.set(endpoint, token);
}
