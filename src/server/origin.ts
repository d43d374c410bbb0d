import type { EffectSink } from "./effects.ts";
import type { EtcdState } from "./state.ts";

/** Where an etcd comes from, and who is to know what becomes of it. */
export interface EtcdOrigin {
  readonly state?: EtcdState | undefined;
  readonly sink?: EffectSink | undefined;
  /** Whether what watches see is to be confirmed first, as it may be lost; else they see each revision as it comes. */
  readonly needsConfirmation?: boolean | undefined;
}
