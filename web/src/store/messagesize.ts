/** Elements of a list that are looked at: the others are taken to be like them. */
const SAMPLE = 32;
const VALUE_BYTES = 8;

/** About what a message holds in memory: cheap, and good enough to bound what is kept. */
export function messageBytes(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + VALUE_BYTES;
  if (typeof value === "string") return value.length + VALUE_BYTES;
  if (Array.isArray(value)) {
    const sample = value.slice(0, SAMPLE).reduce<number>((sum, one) => sum + messageBytes(one), 0);
    return value.length <= SAMPLE ? sample : (sample * value.length) / SAMPLE;
  }
  if (typeof value !== "object" || value === null) return VALUE_BYTES;
  let sum = VALUE_BYTES;
  for (const field of Object.values(value)) sum += messageBytes(field);
  return sum;
}
