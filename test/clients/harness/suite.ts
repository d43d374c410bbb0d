/**
 * What a client suite is: a name and a function that runs cases against servers it is given.
 * A suite knows no server's kind but through `subject`, so that the same cases prove themselves against
 * the real etcd.
 */
import type { Recorder } from "./report.ts";

/** A server under test, or the real one beside it. */
export type Server = {
  /** http://127.0.0.1:PORT, one port for everything it speaks. */
  readonly url: string;
  stop(): Promise<void>;
};

/** One that also listens at an https URL. */
export type SecureServer = Server & { readonly secureUrl: string };

export type Subject = "etcdlite" | "etcd" | "endpoint";

export type SuiteContext = {
  readonly subject: Subject;
  readonly cases: Recorder;
  /** The suite's server: empty and at revision 1, unless the user gave an endpoint. */
  readonly url: string;
  /** Begins every key of this run, so that runs on one endpoint do not meet: "clients-…/". */
  readonly prefix: string;
  /** A further server, fresh, for a case that needs one; ended by the caller. Throws NotApplicable with --endpoint. */
  startServer(flags?: readonly string[]): Promise<Server>;
  /** The same, that also listens at an https URL, by certificates that the flags name. */
  startSecureServer(flags: readonly string[]): Promise<SecureServer>;
  /** A fresh real etcd 3.7 to compare with, or undefined where none is found. */
  startReference(flags?: readonly string[]): Promise<Server | undefined>;
  /** Has something done when every suite has ended, with the machine to itself; the suite's server still runs. */
  afterwards(body: () => Promise<void>): void;
  /** True when recordings are to be written anew from the real etcd. */
  readonly record: boolean;
};

export type Suite = {
  readonly name: string;
  run(context: SuiteContext): Promise<void>;
};

/** Thrown by a case, or what it calls, whose tool is not here: says what is missing and how to get it. */
export class Skipped extends Error {}

/** Thrown by a case that says nothing here, whatever tools there are: says why. */
export class NotApplicable extends Error {}
