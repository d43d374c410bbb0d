import type { Message } from "@bufbuild/protobuf";
import { shellWord } from "../console/language/shellword.ts";
import { jsonOf, methodOf } from "./descriptors.ts";
import { type Place, withNote } from "./place.ts";

const TOKEN_NOTE = "# TOKEN: what etcdserverpb.Auth/Authenticate answers to the user’s name and password.\n";

/** The request by Connect's protocol, in JSON; a stream's request stands in an envelope of five bytes. */
export function curlFor(name: string, request: Message, place: Place): string {
  const method = methodOf(name);
  const json = JSON.stringify(jsonOf(method, request));
  const url = shellWord(`${place.url}/${name}`);
  const needsToken = place.user !== undefined && method.name !== "Authenticate";
  const token = needsToken ? " \\\n  -H 'authorization: TOKEN'" : "";
  const note = needsToken ? TOKEN_NOTE : "";
  if (method.methodKind === "unary") {
    const text = `curl -s ${url}${token} \\\n  -H 'content-type: application/json' \\\n  -d ${shellWord(json)}`;
    return withNote("#", place, note + text);
  }
  // JSON of bytes, numbers and booleans is ASCII: a character is a byte.
  const size = json.length.toString(16).padStart(8, "0").replace(/../g, "\\x$&");
  const send = `printf '\\x00${size}%s' ${shellWord(json)} |`;
  const receive = `curl -sN ${url}${token} \\\n  -H 'content-type: application/connect+json' \\\n  --data-binary @- --output -`;
  return withNote("#", place, `${note}${send}\n  ${receive}`);
}
