/** Members as the rows that keep them: an ID's hexadecimal digits, and JSON, byte for byte as etcd writes it. */
import { JournalError } from "../journal/index.ts";

export interface Member {
  readonly id: bigint;
  /** Empty for one that has not started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** What a row in the bucket members_removed has for a value. */
export const REMOVED_MEMBER = new TextEncoder().encode("removed");

export function memberKey(id: bigint): Uint8Array {
  return new TextEncoder().encode(id.toString(16));
}

/** @throws JournalError */
export function memberKeyId(key: Uint8Array): bigint {
  const digits = new TextDecoder().decode(key);
  if (!/^[0-9a-f]{1,16}$/.test(digits)) throw new JournalError(`${JSON.stringify(digits)} is no member's ID`);
  return BigInt(`0x${digits}`);
}

export function encodeMember({ id, name, peerUrls, clientUrls, isLearner }: Member): Uint8Array {
  const fields = [`"id":${id}`, `"peerURLs":${peerUrls.length === 0 ? "null" : goJson(peerUrls)}`];
  if (isLearner) fields.push(`"isLearner":true`);
  if (name !== "") fields.push(`"name":${goJson(name)}`);
  if (clientUrls.length > 0) fields.push(`"clientURLs":${goJson(clientUrls)}`);
  return new TextEncoder().encode(`{${fields.join(",")}}`);
}

/** The ID is the key's, as JSON's numbers lose digits of so large a one. @throws JournalError */
export function decodeMember(key: Uint8Array, value: Uint8Array): Member {
  const id = memberKeyId(key);
  const text = new TextDecoder().decode(value);
  const fields = parseObject(text);
  if (fields === undefined) throw new JournalError(`the member ${id.toString(16)} is kept as ${text}`);
  const { name = "", peerURLs, clientURLs, isLearner = false } = fields;
  return {
    id,
    name: String(name),
    peerUrls: texts(peerURLs),
    clientUrls: texts(clientURLs),
    isLearner: isLearner === true,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Go escapes what HTML might misread. */
function goJson(value: string | readonly string[]): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
