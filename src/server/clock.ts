/** Where time comes from. Node passes the real one, a test a virtual one. */
export interface Clock {
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  now(): number;
  /** Calls back once after `delayMs`; the function returned cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
}
