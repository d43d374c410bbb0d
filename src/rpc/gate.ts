import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { Etcd } from "../server/index.ts";
import { wrapServices } from "./binding.ts";
import { Turn } from "./slices.ts";

/** They are answered by what there was before. */
const READS: ReadonlySet<string> = new Set(["range", "status", "hash", "hashKV", "memberList"]);

/**
 * Where calls wait while a large delete is under way, as those do in etcd that come to be applied after it: then they
 * go on in their order, and those that have come meanwhile behind them.
 */
export class Gate {
  readonly #etcd: Etcd;
  #waiting: Array<() => void> = [];
  #isOpening = false;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
    etcd.onIdle(() => void this.#open());
  }

  /** The service, its unary calls behind the gate, but for reads. */
  around<S extends DescService>(service: S, impl: ServiceImpl<S>): ServiceImpl<S> {
    const [binding] = wrapServices([{ service, impl: impl as Partial<ServiceImpl<DescService>> }], (method, run) => {
      if (method.methodKind !== "unary" || READS.has(method.localName)) return run;
      return (request, context) => this.pass(() => run(request, context));
    });
    return binding?.impl as ServiceImpl<S>;
  }

  /** Runs when its turn has come: nearly always at once. */
  pass<T>(run: () => T | Promise<T>): T | Promise<T> {
    if (!this.#etcd.isBusy && this.#waiting.length === 0) return run();
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(run());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  async #open(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    // Whoever could not wait and had the rest done at once goes first.
    await undefined;
    const turn = new Turn();
    let done = 0;
    while (done < this.#waiting.length && !this.#etcd.isBusy) {
      this.#waiting[done++]?.();
      if (turn.isOver) await turn.pass();
    }
    this.#waiting = this.#waiting.slice(done);
    this.#isOpening = false;
  }
}
