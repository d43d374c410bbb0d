/** The thread that bcrypt has to itself: it does one job after the other. */
import { parentPort } from "node:worker_threads";
import bcrypt from "bcryptjs";

export interface PasswordJob {
  readonly id: number;
  readonly kind: "hash" | "matches";
  readonly password: string;
  /** The salt to hash with, or the hash to compare with. */
  readonly setting: string;
}

export interface PasswordReply {
  readonly id: number;
  readonly result?: string | boolean;
  readonly error?: string;
}

parentPort?.on("message", (job: PasswordJob) => {
  const reply = (fields: Omit<PasswordReply, "id">): void => parentPort?.postMessage({ id: job.id, ...fields });
  try {
    if (job.kind === "hash") reply({ result: bcrypt.hashSync(job.password, job.setting) });
    else reply({ result: bcrypt.compareSync(job.password, job.setting) });
  } catch (error) {
    reply({ error: error instanceof Error ? error.message : String(error) });
  }
});
