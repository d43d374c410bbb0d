import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";

/**
 * A service and its methods, to be mounted on any transport. Methods throw EtcdError; a unary one returns
 * its message at once. Methods that are missing answer UNIMPLEMENTED.
 */
export interface ServiceBinding<S extends DescService = DescService> {
  readonly service: S;
  readonly impl: Partial<ServiceImpl<S>>;
}
