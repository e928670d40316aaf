import { DrillSchema, type Drill } from "../../domain/drill.ts";
import type { TargetConfig } from "../../domain/target.ts";

/** A target as stored. Instants are epoch milliseconds. */
export interface TargetRow {
  site: string;
  target: string;
  config: TargetConfig;
  /** Rises with every PUT: the entity tag. */
  revision: number;
  /** Version of the first assignment that carries this address. */
  version: number;
  createdAt: number;
  updatedAt: number;
}

type Stored = {
  site: string;
  target: string;
  config: string;
  revision: number;
  version: number;
  created_at: number;
  updated_at: number;
};

const toRow = (stored: Stored): TargetRow => ({
  site: stored.site,
  target: stored.target,
  config: JSON.parse(stored.config) as TargetConfig,
  revision: stored.revision,
  version: stored.version,
  createdAt: stored.created_at,
  updatedAt: stored.updated_at,
});

/** How many drills that are over each shard keeps: years of weekly ones. */
const PAST_DRILLS = 500;

/**
 * Prefix of a drill's id: the fact that says who started it. It is not in the drill's row, because a release that does not know the field
 * rejects any row that has it, and could change no target after a rollback.
 */
const STARTER = "drill-by ";

/** What operators configured: targets, drills, and the shard's few own facts. */
export class Catalogue {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  target(site: string, target: string): TargetRow | null {
    const rows = this.#sql
      .exec<Stored>("SELECT * FROM targets WHERE site = ? AND target = ?", site, target)
      .toArray();
    return rows[0] === undefined ? null : toRow(rows[0]);
  }

  /** All targets, or those of one site, in order of their names. */
  targets(site?: string): TargetRow[] {
    const rows =
      site === undefined
        ? this.#sql.exec<Stored>("SELECT * FROM targets ORDER BY site, target")
        : this.#sql.exec<Stored>("SELECT * FROM targets WHERE site = ? ORDER BY target", site);
    return rows.toArray().map(toRow);
  }

  putTarget(row: TargetRow): void {
    this.#sql.exec(
      `INSERT INTO targets VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (site, target) DO UPDATE SET config = excluded.config, revision = excluded.revision,
         version = excluded.version, updated_at = excluded.updated_at`,
      row.site,
      row.target,
      JSON.stringify(row.config),
      row.revision,
      row.version,
      row.createdAt,
      row.updatedAt,
    );
  }

  deleteTarget(site: string, target: string): void {
    this.#sql.exec("DELETE FROM targets WHERE site = ? AND target = ?", site, target);
  }

  /** Drills under way and the newest ones that are over. */
  drills(): Drill[] {
    const rows = this.#sql.exec<{ body: string; by: string | null }>(
      "SELECT body, value AS by FROM drills LEFT JOIN meta ON name = ? || id ORDER BY id",
      STARTER,
    );
    return rows.toArray().map(({ body, by }) => {
      const drill = DrillSchema.parse(JSON.parse(body));
      return by === null ? drill : { ...drill, by };
    });
  }

  /** Drills under way at `now`, epoch milliseconds. */
  drillsAt(now: number): Drill[] {
    return this.drills().filter(({ endsAt }) => endsAt > now);
  }

  putDrill({ by, ...drill }: Drill): void {
    this.#sql.exec("INSERT OR REPLACE INTO drills VALUES (?, ?)", drill.id, JSON.stringify(drill));
    if (by !== undefined) this.setFact(STARTER + drill.id, by);
  }

  /** Forgets the drills that had ended at `now`, except the newest. */
  forgetDrills(now: number): void {
    const over = this.drills().filter(({ endsAt }) => endsAt <= now);
    const surplus = over.toSorted((a, b) => b.endsAt - a.endsAt).slice(PAST_DRILLS);
    for (const { id } of surplus) {
      this.#sql.exec("DELETE FROM drills WHERE id = ?", id);
      this.#sql.exec("DELETE FROM meta WHERE name = ?", STARTER + id);
    }
  }

  fact(name: string): string | null {
    const rows = this.#sql.exec<{ value: string }>("SELECT value FROM meta WHERE name = ?", name).toArray();
    return rows[0]?.value ?? null;
  }

  setFact(name: string, value: string): void {
    this.#sql.exec(
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name,
      value,
    );
  }

  /** The assignments' version: rises with every change a vantage must know of. */
  version(): number {
    return Number(this.fact("version") ?? "0");
  }

  raiseVersion(): number {
    const version = this.version() + 1;
    this.setFact("version", String(version));
    return version;
  }
}
