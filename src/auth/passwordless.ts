import { EtcdError, Status } from "../errors.ts";

/** What etcd says where a password is given that there is no place for; it is none of its named errors. */
export function passwordForNone(): EtcdError {
  return new EtcdError(Status.UNKNOWN, "auth: authentication failed, password was given for no password user");
}
