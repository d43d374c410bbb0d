/** The shortest input that still fails, as far as taking parts out and making bytes plain leads. */

const PLAIN = 0x30;

/** @param tries how often it may be asked whether an input still fails */
export async function minimise(
  input: Uint8Array,
  fails: (input: Uint8Array) => Promise<boolean>,
  tries: number,
): Promise<Uint8Array> {
  let best = input;
  let left = tries;
  const isWorse = async (candidate: Uint8Array): Promise<boolean> => {
    if (left-- <= 0 || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = best.length >> 1; size >= 1 && left > 0; size >>= 1) {
    for (let at = 0; at + size <= best.length && left > 0; ) {
      if (!(await isWorse(without(best, at, size)))) at += size;
    }
  }
  for (let at = 0; at < best.length && left > 0; at++) {
    if (best[at] === PLAIN) continue;
    const candidate = best.slice();
    candidate[at] = PLAIN;
    await isWorse(candidate);
  }
  return best;
}

function without(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const result = new Uint8Array(bytes.length - length);
  result.set(bytes.subarray(0, at));
  result.set(bytes.subarray(at + length), at);
  return result;
}
