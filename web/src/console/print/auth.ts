/** What Auth answers, as etcdctl prints it. */
import { type Permission, Permission_Type, Permission_TypeSchema } from "../../../../src/gen/authpb/auth_pb.ts";
import { type AuthRoleGetResponse, AuthRoleGetResponseSchema } from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import { equalBytes, prefixEnd } from "../../store/bytes.ts";
import { fromBytes, type GoString, quote } from "../language/gostring.ts";
import { enumName, printHeader, printJson } from "./kv.ts";
import type { Output, Style } from "./output.ts";

export function printRole(role: GoString, response: AuthRoleGetResponse, style: Style, output: Output): void {
  if (style.format === "simple") simpleRole(role, response.perm, output);
  else if (style.format === "fields") {
    printHeader(response.header, style, output);
    for (const { permType, key, rangeEnd } of response.perm) {
      // Println puts a space of its own between the two.
      output.out(`"PermType" :  ${enumName(Permission_TypeSchema, permType)}\n`);
      output.out(`"Key" : ${quote(fromBytes(key))}\n"RangeEnd" : ${quote(fromBytes(rangeEnd))}\n`);
    }
  } else printJson(AuthRoleGetResponseSchema, response, style, output);
}

const EVERYTHING = "\t[, <open ended>\n";

function simpleRole(role: GoString, permissions: readonly Permission[], output: Output): void {
  output.out(`Role ${role}\n`);
  if (role === "root" && permissions.length === 0) {
    output.out(`KV Read:\n${EVERYTHING}KV Write:\n${EVERYTHING}`);
    return;
  }
  output.out("KV Read:\n");
  for (const one of permissions) if (one.permType !== Permission_Type.WRITE) output.out(rangeLine(one));
  output.out("KV Write:\n");
  for (const one of permissions) if (one.permType !== Permission_Type.READ) output.out(rangeLine(one));
}

function rangeLine({ key, rangeEnd }: Permission): GoString {
  if (rangeEnd.length === 0) return `\t${fromBytes(key)}\n`;
  const prefix = key.length > 0 && equalBytes(prefixEnd(key), rangeEnd) ? ` (prefix ${fromBytes(key)})` : "";
  return `\t${rangeText(fromBytes(key), fromBytes(rangeEnd))}${prefix}\n`;
}

/** `[a, b)`, or `[a, <open ended>`, which etcdctl leaves open as well. */
export function rangeText(key: GoString, end: GoString): GoString {
  return end === "\0" ? `[${key}, <open ended>` : `[${key}, ${end})`;
}
