/** What etcd says to a caller who is not, or no longer, signed in, as an error of a call or within a watch. */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";

const NOBODY = /user name is empty/;
/** Of a token that says at which state of the users it was made. */
const OLD = /revision of auth store is old/;

/** Whether etcd wants a user, or another token. */
export function wantsSignIn(error: ConnectError): boolean {
  return error.code === Code.Unauthenticated || NOBODY.test(error.rawMessage) || OLD.test(error.rawMessage);
}

/** Whether the token is good but for a change of users since: the same user may have another at once. */
export function isOldToken(error: ConnectError): boolean {
  return OLD.test(error.rawMessage);
}

/** `user name is empty` is also what etcd says of a user who is added without a name. */
export function isAboutCaller(method: DescMethod, message: unknown): boolean {
  if (method.name === "Authenticate") return false;
  return method.name !== "UserAdd" || (message as { readonly name?: string }).name !== "";
}

/** etcd refuses a watch by a response (rule WA3), `rpc error: code = PermissionDenied desc = …`: the error that it means. */
export function watchRefusal(method: DescMethod, message: Message): ConnectError | undefined {
  if (method.output.typeName !== "etcdserverpb.WatchResponse") return undefined;
  const { created, canceled, cancelReason } = message as WatchResponse;
  const [, name = "", text = ""] = /^rpc error: code = (\w+) desc = ([\s\S]*)$/.exec(cancelReason) ?? [];
  if (!created || !canceled || name === "") return undefined;
  return new ConnectError(text, Code[name as keyof typeof Code] ?? Code.Unknown);
}
