/** What a server is told about TLS: the options of `createServer`, after etcd's flags of the same names. */

/** PEM text, or the file it is in: that is read again when it changes. */
export type Pem = string | { readonly file: string };

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

export interface TlsOptions {
  /** The server's certificate, with those between it and its authority. */
  readonly cert?: Pem;
  readonly key?: Pem;
  /** Authorities of clients' certificates. With it, as in etcd, each client must have one. */
  readonly trustedCa?: Pem;
  /** Clients must have a certificate, whose common name is their user. Default false. */
  readonly clientCertAuth?: boolean;
  /** Names, and addresses, of which a client's certificate must be for one. Default: any. */
  readonly clientCertAllowedHostnames?: readonly string[];
  /** Common names of which a client's certificate must have one. Default: any. */
  readonly clientCertAllowedCommonNames?: readonly string[];
  /** A file of revoked certificates, in DER; read again when it changes. */
  readonly clientCrlFile?: string;
  /** Without a certificate, make one for where the server listens. Default false. */
  readonly autoTls?: boolean;
  /** Where a certificate that was made is kept, as `cert.pem` and `key.pem`. Default: in memory. */
  readonly autoTlsFolder?: string;
  /** Of a certificate that is made. Default 1. */
  readonly selfSignedCertValidityYears?: number;
  /** By Go's names, for TLS 1.2: those of TLS 1.3 are always offered. Default: Node's. */
  readonly cipherSuites?: readonly string[];
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion;
  /** Default TLSv1.3. */
  readonly maxVersion?: TlsVersion;
}
