/** How a command ends that fails: what etcdctl says, and the code it exits with. */

export const EXIT = {
  error: 1,
  badConnection: 2,
  invalidInput: 3,
  badFeature: 4,
  interrupted: 5,
  badArgs: 128,
} as const;

export class CommandError extends Error {
  readonly exitCode: number;
  /** Whether the command's usage is printed after it, as for a flag that does not exist. */
  readonly showsUsage: boolean;

  constructor(message: string, exitCode: number = EXIT.error, showsUsage = false) {
    super(message);
    this.exitCode = exitCode;
    this.showsUsage = showsUsage;
  }
}
