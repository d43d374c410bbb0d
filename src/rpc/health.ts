import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { EtcdError, Status } from "../errors.ts";
import {
  type Health,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
} from "../gen/grpc/health/v1/health_pb.ts";

/** The one service that etcd tells the health of: all of them together. */
const ALL_SERVICES = "";

/**
 * grpc.health.v1.Health: as long as there is an answer, it is SERVING. In etcd neither alarms nor a lost
 * majority change that, but only a defragmentation, which here lets nobody look while it lasts. Open to all
 * with auth on too.
 */
export function healthService(): ServiceImpl<typeof Health> {
  return {
    check({ service }) {
      if (service !== ALL_SERVICES) throw new EtcdError(Status.NOT_FOUND, "unknown service");
      return statusMessage(HealthCheckResponse_ServingStatus.SERVING);
    },

    list() {
      const response = create(HealthListResponseSchema);
      response.statuses[ALL_SERVICES] = statusMessage(HealthCheckResponse_ServingStatus.SERVING);
      return response;
    },

    async *watch({ service }, { signal }) {
      const { SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
      yield statusMessage(service === ALL_SERVICES ? SERVING : SERVICE_UNKNOWN);
      await aborted(signal);
    },
  };
}

function statusMessage(status: HealthCheckResponse_ServingStatus): HealthCheckResponse {
  const message = create(HealthCheckResponseSchema);
  message.status = status;
  return message;
}

/** Rejects with the reason that the signal is aborted for. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
