/** Where the commands of a snippet go: the server that the page shows, or one to be put in. */

const STAND_IN = "http://127.0.0.1:2379";

export interface Place {
  readonly url: string;
  /** HOST:PORT */
  readonly host: string;
  readonly isBrowser: boolean;
  /** Whose calls these are; undefined for nobody's. */
  readonly user: string | undefined;
}

export function placeOf(baseUrl: string, user?: string): Place {
  const isServer = /^https?:\/\//.test(baseUrl);
  const url = isServer ? baseUrl.replace(/\/+$/, "") : STAND_IN;
  const { host, protocol, port } = new URL(url);
  return { url, host: port === "" ? `${host}:${protocol === "https:" ? 443 : 80}` : host, isBrowser: !isServer, user };
}

/** Says, in a comment, what to put in place of the URL. */
export function withNote(comment: "#" | "//", place: Place, text: string): string {
  if (!place.isBrowser) return text;
  return `${comment} This store is in the browser: put your server's URL for ${STAND_IN}.\n${text}`;
}
