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
  type HashKVResponse,
  HashKVResponseSchema,
  type HashResponse,
  HashResponseSchema,
  type Maintenance,
  MoveLeaderResponseSchema,
  type StatusResponse,
  StatusResponseSchema,
} from "../gen/etcdserverpb/maintenance_pb.ts";
import type { KeyValueHash } from "../mvcc/index.ts";
import { type Alarm, databaseHashing, type Etcd } from "../server/index.ts";
import type { Access } from "./access.ts";
import { downgrade, downgradeInfo } from "./downgrade.ts";
import { header } from "./header.ts";
import { inSlices } from "./slices.ts";
import { snapshotMessages } from "./snapshot.ts";
import { ETCD_VERSION } from "./version.ts";

/** etcdserverpb.Maintenance. */
export function maintenanceService(etcd: Etcd, access: Access): ServiceImpl<typeof Maintenance> {
  return {
    alarm(message, context) {
      if (message.action === AlarmRequest_AlarmAction.GET) access.requireUser(context);
      else access.requireAdmin(context);
      const alarms = changeAlarms(etcd, message.action, { memberId: message.memberID, type: message.alarm });
      const response = create(AlarmResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.alarms = alarms.map(alarmMember);
      return response;
    },

    status(_message, context) {
      access.requireUser(context);
      return statusMessage(etcd);
    },

    /** Replies with no header (rule MA3). */
    moveLeader(message, context) {
      access.requireAdmin(context);
      etcd.members.moveLeader(message.targetID);
      return create(MoveLeaderResponseSchema);
    },

    downgrade(message, context) {
      access.requireAdmin(context);
      return downgrade(etcd, message);
    },

    async *snapshot(_message, context) {
      access.requireAdmin(context);
      yield* snapshotMessages(etcd);
    },

    /** Replies with no header (rule MA3). */
    defragment(_message, context) {
      access.requireAdmin(context);
      etcd.defragment();
      return create(DefragmentResponseSchema);
    },

    hash(_message, context) {
      access.requireAdmin(context);
      const respond = (hash: number): HashResponse => {
        const response = create(HashResponseSchema);
        response.header = header(etcd, etcd.store.revision);
        response.hash = hash;
        return response;
      };
      const hash = inSlices(databaseHashing(etcd));
      return hash instanceof Promise ? hash.then(respond) : respond(hash);
    },

    hashKV(message, context) {
      access.requireAdmin(context);
      const current = etcd.store.revision;
      const respond = ({ hash, compactRevision, revision }: KeyValueHash): HashKVResponse => {
        const response = create(HashKVResponseSchema);
        response.header = header(etcd, current);
        response.hash = hash;
        response.compactRevision = BigInt(compactRevision);
        response.hashRevision = BigInt(revision);
        return response;
      };
      const hash = inSlices(etcd.hashing(Number(message.revision)));
      return hash instanceof Promise ? hash.then(respond) : respond(hash);
    },
  };
}

function statusMessage(etcd: Etcd): StatusResponse {
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
  response.storageVersion = etcd.versions.cluster;
  response.downgradeInfo = downgradeInfo(etcd);
  response.errors = etcd.alarms().map(alarmText);
  return response;
}

const ALARM_NAMES = Object.fromEntries(Object.entries(AlarmTypeEnum).map(([name, type]) => [type, name]));

function changeAlarms(etcd: Etcd, action: AlarmRequest_AlarmAction | number, alarm: Alarm): Alarm[] {
  switch (action) {
    case AlarmRequest_AlarmAction.GET:
      etcd.propose();
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
