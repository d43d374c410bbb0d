/** Files of certificates and keys: whoever renews them does not tell us. */
import { readFileSync, statSync } from "node:fs";

/** The content of a file, read again when the file has changed. */
export class WatchedFile {
  readonly path: string;
  #content: Buffer;
  #stamp: string;

  /** @throws the system's error, whose message names the file */
  constructor(path: string) {
    this.path = path;
    this.#stamp = stampOf(path);
    this.#content = readFileSync(path);
  }

  get content(): Buffer {
    return this.#content;
  }

  /**
   * True if there is other content than before.
   * @throws the system's error; what was read before stays
   */
  refresh(): boolean {
    const stamp = stampOf(this.path);
    if (stamp === this.#stamp) return false;
    const content = readFileSync(this.path);
    this.#stamp = stamp;
    if (content.equals(this.#content)) return false;
    this.#content = content;
    return true;
  }
}

function stampOf(path: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
