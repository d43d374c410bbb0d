/** Why a file is no snapshot that can be read: not one at all, damaged, cut short, or made to do harm. */
export class SnapshotError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SnapshotError";
  }
}
