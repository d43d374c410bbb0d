/**
 * RFC 7541, 5.2: Huffman-coded strings. They are decoded four bits at a time: no code is shorter than five bits, so
 * a step gives at most one symbol.
 *
 *     state, four bits ──► next state | whether a symbol ended | which
 *
 * A state is a place within the tree of codes; 0 is its root.
 */
import { ErrorCode } from "./constants.ts";
import { ConnectionError } from "./errors.ts";
import { EOS, HUFFMAN_CODES, HUFFMAN_LENGTHS } from "./huffman-code.ts";
import { byteOf, latin1 } from "./latin1.ts";

const STATE_MASK = 0xff;
const EMITS = 0x100;
const FAILS = 0x200;
const SYMBOL_SHIFT = 16;
/** What is left of the last byte is the beginning of EOS, and less than a byte. */
const MAX_PADDING_BITS = 7;

const { steps, isPadding } = decodingTable();
const FIRST_SCRATCH_BYTES = 4096;
const scratch = new Uint8Array(FIRST_SCRATCH_BYTES);

/** @throws ConnectionError */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  const most = (end - start) * 2;
  const out = most <= scratch.length ? scratch : new Uint8Array(most);
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = steps[(state << 4) | ((byte >> shift) & 0xf)] as number;
      if ((step & FAILS) !== 0) throw invalid();
      if ((step & EMITS) !== 0) out[length++] = step >>> SYMBOL_SHIFT;
      state = step & STATE_MASK;
    }
  }
  if (isPadding[state] === 0) throw invalid();
  return latin1(out, 0, length);
}

function invalid(): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, "a Huffman code is invalid");
}

/** How many bytes it takes. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += HUFFMAN_LENGTHS[byteOf(text, at)] as number;
  return (bits + 7) >>> 3;
}

/** Writes it from `at`, and returns where it ends. */
export function encodeHuffman(text: string, target: Uint8Array, at: number): number {
  let end = at;
  let byte = 0;
  let used = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = byteOf(text, i);
    const code = HUFFMAN_CODES[symbol] as number;
    let left = HUFFMAN_LENGTHS[symbol] as number;
    while (left > 0) {
      const taken = Math.min(8 - used, left);
      left -= taken;
      byte = (byte << taken) | ((code >>> left) & ((1 << taken) - 1));
      used += taken;
      if (used < 8) continue;
      target[end++] = byte;
      byte = 0;
      used = 0;
    }
  }
  if (used > 0) target[end++] = ((byte << (8 - used)) | (0xff >>> used)) & 0xff;
  return end;
}

interface Node {
  readonly state: number;
  readonly children: [Node | number | undefined, Node | number | undefined];
}

function codeTree(): Node[] {
  const nodes: Node[] = [{ state: 0, children: [undefined, undefined] }];
  HUFFMAN_CODES.forEach((code, symbol) => {
    let node = nodes[0] as Node;
    for (let bit = (HUFFMAN_LENGTHS[symbol] as number) - 1; bit > 0; bit--) {
      const side = (code >>> bit) & 1;
      let child = node.children[side] as Node | undefined;
      if (child === undefined) {
        child = { state: nodes.length, children: [undefined, undefined] };
        nodes.push(child);
        node.children[side] = child;
      }
      node = child;
    }
    node.children[code & 1] = symbol;
  });
  return nodes;
}

function decodingTable(): { readonly steps: Int32Array; readonly isPadding: Uint8Array } {
  const nodes = codeTree();
  const [root] = nodes as [Node];
  const table = new Int32Array(nodes.length * 16);
  for (const node of nodes)
    for (let bits = 0; bits < 16; bits++) table[node.state * 16 + bits] = step(root, node, bits);
  const padding = new Uint8Array(nodes.length);
  let node = root;
  for (let bits = 0; bits <= MAX_PADDING_BITS; bits++) {
    padding[node.state] = 1;
    node = node.children[1] as Node;
  }
  return { steps: table, isPadding: padding };
}

function step(root: Node, from: Node, bits: number): number {
  let node = from;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const child = node.children[((bits >> bit) & 1) as 0 | 1];
    if (child === EOS || child === undefined) return FAILS;
    if (typeof child === "number") emitted = EMITS | (child << SYMBOL_SHIFT);
    node = typeof child === "number" ? root : child;
  }
  return emitted | node.state;
}
