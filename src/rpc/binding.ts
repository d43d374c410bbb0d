import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";

/**
 * A service and its methods, to be mounted on any transport. Methods throw EtcdError; a unary one returns
 * its message at once. Methods that are missing answer UNIMPLEMENTED.
 */
export interface ServiceBinding<S extends DescService = DescService> {
  readonly service: S;
  readonly impl: Partial<ServiceImpl<S>>;
}

/** A method of any kind, for those that stand between it and its callers. */
export type AnyMethod = (request: unknown, context: HandlerContext) => unknown;

/** The same services with something around each method; methods that are missing stay so. */
export function wrapServices(
  bindings: readonly ServiceBinding[],
  wrap: (method: DescMethod, run: AnyMethod) => AnyMethod,
): ServiceBinding[] {
  return bindings.map(({ service, impl }) => {
    const methods = impl as Record<string, AnyMethod | undefined>;
    const wrapped: Record<string, AnyMethod> = {};
    for (const method of service.methods) {
      const run = methods[method.localName]?.bind(impl);
      if (run !== undefined) wrapped[method.localName] = wrap(method, run);
    }
    return { service, impl: wrapped } as unknown as ServiceBinding;
  });
}
