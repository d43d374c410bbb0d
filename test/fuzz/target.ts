/**
 * What is fuzzed: something that reads bytes of others. It may refuse them, by the errors it is known for and the
 * target swallows; anything else it throws is a finding, and so is an input that takes too long or too much memory.
 */
export interface Target {
  /** Inputs that are right, to begin with; real ones reach more than made up ones. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the language that mutations put in. */
  readonly dictionary?: readonly (string | Uint8Array)[];
  /** Default 4096. */
  readonly maxBytes?: number;
  /** Throws, or rejects, for a finding. The same input always does the same. */
  run(input: Uint8Array): void | Promise<void>;
}

/** A module of targets/. */
export interface TargetModule {
  open(): Target | Promise<Target>;
}

export const TARGETS = [
  "protobuf",
  "frames",
  "sniffer",
  "texts",
  "json",
  "gateway",
  "web",
  "snapshot",
  "journal",
  "sqlite",
  "jwt",
  "auth-token",
  "config-file",
  "flags",
] as const;
export type TargetName = (typeof TARGETS)[number];

export async function openTarget(name: TargetName): Promise<Target> {
  const module = (await import(`./targets/${name}.ts`)) as TargetModule;
  return module.open();
}

type ErrorClass = new (...args: never[]) => Error;

/** Errors of these kinds are how it refuses. */
export function refusing<T>(kinds: readonly ErrorClass[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    return swallow(kinds, error);
  }
}

export async function refusingLater<T>(kinds: readonly ErrorClass[], run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    return swallow(kinds, error);
  }
}

function swallow(kinds: readonly ErrorClass[], error: unknown): undefined {
  if (!kinds.some((kind) => error instanceof kind)) throw error;
  return undefined;
}

export function hold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`does not hold: ${what}`);
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes that are no UTF-8 become other characters. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
