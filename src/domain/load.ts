/** A vantage that has missed turns within the last one to two minutes. */
export interface Behind {
  vantage: string;
  due: number;
  missed: number;
  /** Since when it misses turns, epoch milliseconds. */
  since: number;
}

/** Whether a shard keeps up with its schedule: for its health and its metrics. */
export interface Load {
  /**
   * By regional vantage: looks due by now, those overdue by a whole interval, how late its ticks began at worst within one to two minutes,
   * in milliseconds, and whether they are still late.
   */
  looks: { vantage: string; due: number; overdue: number; lateMs: number; isLate: boolean }[];
  /** Vantages of any kind that do not keep up with their turns. */
  behind: Behind[];
  /** How late the shard's own alarm rang at worst within one to two minutes, in milliseconds. */
  alarmLateMs: number;
  /** Whether it still rings late. */
  isAlarmLate: boolean;
  /** Watched targets whose evidence is too old to act on; `asOf`: an instant, null for never. */
  stale: { site: string; target: string; asOf: string | null }[];
  /** At least half of the vantages have overdue looks or tick seconds late, or the alarm rang seconds late. */
  isOverloaded: boolean;
}
