/** Who calls, and the auth revision at which that was known. */
export interface Caller {
  readonly username: string;
  readonly revision: number;
}
