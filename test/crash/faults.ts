/** What was found that must not be. */
export class Faults {
  /** Something that was acknowledged, and is not there, or not as long as it should be. */
  lost = 0;
  /** Something that is only half there, or other than it was before. */
  torn = 0;

  get found(): boolean {
    return this.lost + this.torn > 0;
  }

  lose(message: string): void {
    this.lost++;
    console.error(`lost: ${message}`);
  }

  tear(message: string): void {
    this.torn++;
    console.error(`torn: ${message}`);
  }
}
