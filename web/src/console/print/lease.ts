/** What Lease answers, as etcdctl prints it. In JSON these are clientv3's own structures, not the protocol's. */
import type { ResponseHeader } from "../../../../src/gen/etcdserverpb/header_pb.ts";
import { ResponseHeaderSchema } from "../../../../src/gen/etcdserverpb/header_pb.ts";
import {
  type LeaseGrantResponse,
  type LeaseKeepAliveResponse,
  type LeaseLeasesResponse,
  type LeaseRevokeResponse,
  LeaseRevokeResponseSchema,
  type LeaseTimeToLiveResponse,
} from "../../../../src/gen/etcdserverpb/lease_pb.ts";
import { fromBytes, hexId, quote } from "../language/gostring.ts";
import { type Json, jsonText, messageJson } from "./json.ts";
import { printHeader, printJson, requireJson } from "./kv.ts";
import type { Output, Style } from "./output.ts";

export function printGrant(response: LeaseGrantResponse, style: Style, output: Output): void {
  const { header, ID, TTL, error } = response;
  if (style.format === "simple") output.out(`lease ${hexId(ID)} granted with TTL(${TTL}s)\n`);
  else if (style.format === "fields") fieldsIdTtl(response, style, output);
  else printFlat(header, { ID, TTL, Error: error }, style, output);
}

export function printKeepAlive(response: LeaseKeepAliveResponse, style: Style, output: Output): void {
  const { header, ID, TTL } = response;
  if (style.format === "simple") output.out(`lease ${hexId(ID)} keepalived with TTL(${TTL})\n`);
  else if (style.format === "fields") fieldsIdTtl(response, style, output);
  else printFlat(header, { ID, TTL }, style, output);
}

export function printRevoke(id: bigint, response: LeaseRevokeResponse, style: Style, output: Output): void {
  if (style.format === "simple") output.out(`lease ${hexId(id)} revoked\n`);
  else if (style.format === "fields") printHeader(response.header, style, output);
  else printJson(LeaseRevokeResponseSchema, response, style, output);
}

export function printTimeToLive(
  response: LeaseTimeToLiveResponse,
  withKeys: boolean,
  style: Style,
  output: Output,
): void {
  const { header, ID, TTL, grantedTTL, keys } = response;
  if (style.format === "simple") simpleTimeToLive(response, withKeys, output);
  else if (style.format === "fields") {
    fieldsIdTtl(response, style, output);
    output.out(`"GrantedTTL" : ${grantedTTL}\n`);
    for (const key of keys) {
      output.out('"Key" : ');
      output.out(quote(fromBytes(key)), key);
      output.out("\n");
    }
  } else {
    const fields = { id: ID, ttl: TTL, "granted-ttl": grantedTTL, keys: keys.length === 0 ? null : keys };
    printFlat(header, fields, style, output);
  }
}

function simpleTimeToLive(response: LeaseTimeToLiveResponse, withKeys: boolean, output: Output): void {
  const { ID, TTL, grantedTTL, keys } = response;
  if (grantedTTL === 0n && TTL === -1n) {
    output.out(`lease ${hexId(ID)} already expired\n`);
    return;
  }
  output.out(`lease ${hexId(ID)} granted with TTL(${grantedTTL}s), remaining(${TTL}s)`);
  if (withKeys) {
    output.out(", attached keys([");
    for (const [at, key] of keys.entries()) {
      if (at > 0) output.out(" ");
      output.out(fromBytes(key), key);
    }
    output.out("])");
  }
  output.out("\n");
}

export function printLeases({ header, leases }: LeaseLeasesResponse, style: Style, output: Output): void {
  if (style.format === "simple") {
    output.out(`found ${leases.length} leases\n${leases.map(({ ID }) => `${hexId(ID)}\n`).join("")}`);
  } else if (style.format === "fields") {
    printHeader(header, style, output);
    for (const { ID } of leases) output.out(`"ID" : ${style.isHex ? hexId(ID) : ID}\n`);
  } else printFlat(header, { leases: leases.map(({ ID }) => ({ id: ID })) }, style, output);
}

interface IdTtl {
  readonly header?: ResponseHeader;
  readonly ID: bigint;
  readonly TTL: bigint;
}

function fieldsIdTtl({ header, ID, TTL }: IdTtl, style: Style, output: Output): void {
  printHeader(header, style, output);
  output.out(`"ID" : ${style.isHex ? hexId(ID) : ID}\n"TTL" : ${TTL}\n`);
}

/** The header's fields beside the others, as an embedded structure's are in Go. */
function printFlat(header: ResponseHeader | undefined, fields: Record<string, Json>, style: Style, output: Output) {
  requireJson(style.format);
  const own = header === undefined ? {} : messageJson(ResponseHeaderSchema, header);
  output.out(`${jsonText({ ...own, ...fields })}\n`);
}
