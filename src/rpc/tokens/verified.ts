/** Services whose methods run when the call's token has been looked at: for tokens that take time. */
import type { DescMethod } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { Access } from "../access.ts";
import type { ServiceBinding } from "../binding.ts";

type Method = (request: unknown, context: HandlerContext) => unknown;

export function verifiedServices(bindings: readonly ServiceBinding[], access: Access): ServiceBinding[] {
  return bindings.map(({ service, impl }) => {
    const methods = impl as Record<string, Method | undefined>;
    const verified: Record<string, Method> = {};
    for (const method of service.methods) {
      const run = methods[method.localName]?.bind(impl);
      if (run !== undefined) verified[method.localName] = verifiedMethod(method, run, access);
    }
    return { service, impl: verified } as unknown as ServiceBinding;
  });
}

function verifiedMethod({ methodKind }: DescMethod, run: Method, access: Access): Method {
  if (methodKind === "unary" || methodKind === "client_streaming") {
    return (request, context) => {
      const pending = access.pending(context, methodKind !== "unary");
      return pending === undefined ? run(request, context) : pending.then(() => run(request, context));
    };
  }
  return (request, context) => {
    const pending = access.pending(context, true);
    if (pending === undefined) return run(request, context);
    return afterwards(pending, () => run(request, context) as AsyncIterable<unknown>);
  };
}

async function* afterwards(pending: Promise<void>, run: () => AsyncIterable<unknown>): AsyncGenerator<unknown> {
  await pending;
  yield* run();
}
