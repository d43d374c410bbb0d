/** Bytes of the messages that native gRPC clients sent and got since the start, prefixes left out as etcd does. */
export interface Traffic {
  receivedBytes: number;
  sentBytes: number;
}
