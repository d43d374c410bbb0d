/** What was found that must not be. */
export class Faults {
  /** Something that was acknowledged, and is not there, or not as long as it should be. */
  lost = 0;
  /** Something that is only half there, or other than it was before. */
  torn = 0;
  readonly messages: string[] = [];

  lose(message: string): void {
    this.lost++;
    this.#say(`lost: ${message}`);
  }

  tear(message: string): void {
    this.torn++;
    this.#say(`torn: ${message}`);
  }

  #say(message: string): void {
    this.messages.push(message);
    console.error(message);
  }
}
