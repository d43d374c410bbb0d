/** etcd's own limit, unless it is raised. */
export const MAX_TXN_OPS = 128;
/** Under etcd's limit of 1.5 MiB for a request, with room for keys. */
const MAX_TXN_BYTES = 1024 * 1024;

/** At most `maxItems` in each, and no more bytes than fit into a request, unless one alone is larger. */
export function chunksOf<T>(items: readonly T[], sizeBytesOf: (item: T) => number, maxItems = MAX_TXN_OPS): T[][] {
  const chunks: T[][] = [];
  let sizeBytes = 0;
  for (const item of items) {
    const itemBytes = sizeBytesOf(item);
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length === maxItems || sizeBytes + itemBytes > MAX_TXN_BYTES) {
      chunks.push([item]);
      sizeBytes = itemBytes;
    } else {
      chunk.push(item);
      sizeBytes += itemBytes;
    }
  }
  return chunks;
}
