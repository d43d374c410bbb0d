/** etcd's `--client-crl-file`: certificates, by their serial numbers, that are no longer good, whoever issued them. */
import { ConfigError } from "../listen/urls.ts";
import { WatchedFile } from "./files.ts";
import { loadX509 } from "./x509.ts";

type Parse = (der: Uint8Array) => ReadonlySet<string>;

export class RevocationList {
  readonly #file: WatchedFile;
  readonly #parse: Parse;
  #serialNumbers: ReadonlySet<string>;

  private constructor(file: WatchedFile, parse: Parse) {
    this.#file = file;
    this.#parse = parse;
    this.#serialNumbers = parse(file.content);
  }

  /** @throws ConfigError */
  static async read(path: string): Promise<RevocationList> {
    const { X509Crl } = await loadX509();
    const parse = (der: Uint8Array): ReadonlySet<string> =>
      new Set(new X509Crl(new Uint8Array(der)).entries.map(({ serialNumber }) => canonical(serialNumber)));
    try {
      return new RevocationList(new WatchedFile(path), parse);
    } catch (error) {
      throw new ConfigError(`--client-crl-file cannot be read: ${(error as Error).message}`);
    }
  }

  /**
   * As the file says now.
   * @throws if the file is gone or broken: then nobody is known to be good
   */
  has(serialNumber: string): boolean {
    if (this.#file.refresh()) this.#serialNumbers = this.#parse(this.#file.content);
    return this.#serialNumbers.has(canonical(serialNumber));
  }
}

function canonical(serialNumber: string): string {
  return serialNumber.toLowerCase().replace(/^0+(?=.)/, "");
}
