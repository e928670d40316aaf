import type { AuditEntry } from "../../domain/audit.ts";
import { fromInstant } from "../../domain/instant.ts";
import type { PastPage, PastQuery } from "../../domain/rpc.ts";
import { TRANSITION_ROWS } from "./journal.ts";

/** Lines are kept as long as the history that may have followed from them. */
const AUDIT_ROWS = TRANSITION_ROWS;

type AuditLine = AuditEntry & { request: string };

/** Who changed what. A ring, written in place. */
export class Audit {
  readonly #sql: SqlStorage;
  #last: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#last = sql.exec<{ id: number }>("SELECT coalesce(max(id), 0) AS id FROM audit").one().id;
  }

  /** A call that is repeated because its answer was lost has its line already. */
  append(line: AuditLine): void {
    if (this.#lineAt(this.#last)?.request === line.request) return;
    const id = this.#last + 1;
    this.#sql.exec(
      `INSERT INTO audit (slot, id, body) VALUES (?, ?, ?)
       ON CONFLICT (slot) DO UPDATE SET id = excluded.id, body = excluded.body`,
      id % AUDIT_ROWS,
      id,
      JSON.stringify(line),
    );
    this.#last = id;
  }

  /** Newest first. Places have the form of transitions' places: the number of the line, a dot and 0. */
  before({
    since,
    until,
    before,
    limit,
  }: Pick<PastQuery, "since" | "until" | "before" | "limit">): PastPage<AuditEntry> {
    const start = before ?? `${this.#last + 1}.0`;
    const page: PastPage<AuditEntry> = { entries: [], next: null, start };
    // A place past the end comes from another deployment, or from one whose storage is gone.
    for (let id = Math.min(Number.parseInt(start, 10), this.#last + 1) - 1; id > 0; id -= 1) {
      const line = this.#lineAt(id);
      if (line === undefined) break;
      const { request: _, ...entry } = line;
      const at = fromInstant(entry.at);
      if (at < (since ?? -Infinity)) break;
      if (page.entries.length === limit) return { ...page, next: `${id + 1}.0` };
      if (at <= (until ?? Infinity)) page.entries.push({ at, before: `${id}.0`, entry });
    }
    return page;
  }

  #lineAt(id: number): AuditLine | undefined {
    const rows = this.#sql.exec<{ id: number; body: string }>(
      "SELECT id, body FROM audit WHERE slot = ?",
      id % AUDIT_ROWS,
    );
    const [row] = rows.toArray();
    return row?.id === id ? (JSON.parse(row.body) as AuditLine) : undefined;
  }
}
