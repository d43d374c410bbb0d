import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { EtcdError, Status } from "../errors.ts";
import {
  type AlarmMember,
  AlarmMemberSchema,
  AlarmRequest_AlarmAction,
  AlarmResponseSchema,
  AlarmType as AlarmTypeEnum,
  DefragmentResponseSchema,
  DowngradeInfoSchema,
  HashKVResponseSchema,
  HashResponseSchema,
  type Maintenance,
  StatusResponseSchema,
} from "../gen/etcdserverpb/maintenance_pb.ts";
import type { Alarm, Etcd } from "../server/index.ts";
import { header } from "./header.ts";
import { ETCD_VERSION, STORAGE_VERSION } from "./version.ts";

type Implemented = Pick<ServiceImpl<typeof Maintenance>, "alarm" | "status" | "defragment" | "hash" | "hashKV">;

/** etcdserverpb.Maintenance; Snapshot, MoveLeader and Downgrade are not there yet and answer UNIMPLEMENTED. */
export function maintenanceService(etcd: Etcd): Implemented {
  return {
    alarm(message) {
      const alarms = changeAlarms(etcd, message.action, { memberId: message.memberID, type: message.alarm });
      const response = create(AlarmResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.alarms = alarms.map(alarmMember);
      return response;
    },

    status() {
      const { totalBytes, inUseBytes } = etcd.databaseSize;
      const response = create(StatusResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.version = ETCD_VERSION;
      response.dbSize = BigInt(totalBytes);
      response.dbSizeInUse = BigInt(inUseBytes);
      response.dbSizeQuota = BigInt(etcd.quotaBytes);
      response.leader = etcd.options.memberId;
      response.raftIndex = BigInt(etcd.raftIndex);
      response.raftAppliedIndex = BigInt(etcd.raftIndex);
      response.raftTerm = BigInt(etcd.raftTerm);
      response.storageVersion = STORAGE_VERSION;
      response.downgradeInfo = create(DowngradeInfoSchema);
      response.errors = etcd.alarms().map(alarmText);
      return response;
    },

    /** Replies with no header (rule MA3). */
    defragment() {
      etcd.defragment();
      return create(DefragmentResponseSchema);
    },

    /** etcd hashes its whole database file here; there is none, so it is the hash of all keys. */
    hash() {
      const response = create(HashResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.hash = etcd.hash(0).hash;
      return response;
    },

    hashKV(message) {
      const { hash, compactRevision, revision } = etcd.hash(Number(message.revision));
      const response = create(HashKVResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.hash = hash;
      response.compactRevision = BigInt(compactRevision);
      response.hashRevision = BigInt(revision);
      return response;
    },
  };
}

const ALARM_NAMES = Object.fromEntries(Object.entries(AlarmTypeEnum).map(([name, type]) => [type, name]));

function changeAlarms(etcd: Etcd, action: AlarmRequest_AlarmAction | number, alarm: Alarm): Alarm[] {
  switch (action) {
    case AlarmRequest_AlarmAction.GET:
      return etcd.alarms(alarm.type);
    case AlarmRequest_AlarmAction.ACTIVATE:
      return etcd.activateAlarm(alarm);
    case AlarmRequest_AlarmAction.DEACTIVATE:
      return etcd.deactivateAlarm(alarm);
    default:
      throw new EtcdError(Status.INVALID_ARGUMENT, `etcdserver: unknown alarm action ${action}`);
  }
}

function alarmMember(alarm: Alarm): AlarmMember {
  const message = create(AlarmMemberSchema);
  message.memberID = alarm.memberId;
  message.alarm = alarm.type as AlarmTypeEnum;
  return message;
}

/** As Go prints the message: a field at its default is left out. */
function alarmText(alarm: Alarm): string {
  const member = alarm.memberId === 0n ? "" : `memberID:${alarm.memberId} `;
  return `${member}alarm:${ALARM_NAMES[alarm.type] ?? alarm.type}`;
}
