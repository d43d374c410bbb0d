/** etcd's numbers for AlarmType; others may be raised and listed, but mean nothing. */
export const AlarmType = { NONE: 0, NOSPACE: 1, CORRUPT: 2 } as const;

export interface Alarm {
  readonly memberId: bigint;
  readonly type: number;
}

/** The alarms raised, by member and type (rule MA1). */
export class Alarms {
  readonly #raised = new Map<string, Alarm>();

  has(type: number): boolean {
    for (const alarm of this.#raised.values()) if (alarm.type === type) return true;
    return false;
  }

  /** Alarms of a type; NONE for all. */
  list(type: number): Alarm[] {
    return [...this.#raised.values()].filter((alarm) => type === AlarmType.NONE || alarm.type === type);
  }

  /** Raises an alarm, raised already or not; NONE raises nothing. */
  activate(alarm: Alarm): Alarm[] {
    if (alarm.type === AlarmType.NONE) return [];
    this.#raised.set(keyOf(alarm), alarm);
    return [alarm];
  }

  /** Takes an alarm back; empty where it was not raised. */
  deactivate(alarm: Alarm): Alarm[] {
    return this.#raised.delete(keyOf(alarm)) ? [alarm] : [];
  }
}

function keyOf(alarm: Alarm): string {
  return `${alarm.memberId}/${alarm.type}`;
}
