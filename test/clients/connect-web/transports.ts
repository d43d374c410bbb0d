/** Every way Connect's two client packages can call a server, each under a name. */
import type { Interceptor, Transport } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";

export type TransportCase = {
  readonly name: string;
  readonly httpVersion: "1.1" | "2";
  /** Which of the protocols it speaks: not all of them know every error and every stream. */
  readonly protocol: "connect" | "grpc-web" | "grpc";
  open(url: string, interceptors?: Interceptor[]): Transport;
};

/** connect-web runs on fetch, which in Node is HTTP/1.1; the same code runs in a page. */
const fromWeb: TransportCase[] = [true, false].flatMap((useBinaryFormat) => {
  const format = useBinaryFormat ? "binary" : "JSON";
  const base = { httpVersion: "1.1" } as const;
  return [
    {
      ...base,
      name: `connect-web Connect ${format} HTTP/1.1`,
      protocol: "connect",
      open: (baseUrl, interceptors = []) => web.createConnectTransport({ baseUrl, useBinaryFormat, interceptors }),
    },
    {
      ...base,
      name: `connect-web gRPC-Web ${format} HTTP/1.1`,
      protocol: "grpc-web",
      open: (baseUrl, interceptors = []) => web.createGrpcWebTransport({ baseUrl, useBinaryFormat, interceptors }),
    },
  ];
});

const fromNode: TransportCase[] = [true, false].flatMap((useBinaryFormat) => {
  const format = useBinaryFormat ? "binary" : "JSON";
  const versions = (["1.1", "2"] as const).flatMap((httpVersion): TransportCase[] => [
    {
      name: `connect-node Connect ${format} HTTP/${httpVersion}`,
      httpVersion,
      protocol: "connect",
      open: (baseUrl, interceptors = []) =>
        node.createConnectTransport({ baseUrl, httpVersion, useBinaryFormat, interceptors }),
    },
    {
      name: `connect-node gRPC-Web ${format} HTTP/${httpVersion}`,
      httpVersion,
      protocol: "grpc-web",
      open: (baseUrl, interceptors = []) =>
        node.createGrpcWebTransport({ baseUrl, httpVersion, useBinaryFormat, interceptors }),
    },
  ]);
  const grpc: TransportCase = {
    name: `connect-node gRPC ${format} HTTP/2`,
    httpVersion: "2",
    protocol: "grpc",
    open: (baseUrl, interceptors = []) => node.createGrpcTransport({ baseUrl, useBinaryFormat, interceptors }),
  };
  return [...versions, grpc];
});

export const transports: readonly TransportCase[] = [...fromWeb, ...fromNode];
