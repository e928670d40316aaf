import { partsOf } from "../domain/parts.ts";
import type { Assignment } from "../domain/report.ts";
import type { StoredReport, ReportRows } from "../schedule/outbox.ts";

/** All SQL of a vantage: an assignment, in one row where it fits, and a ring of reports. */
export interface VantageStore extends ReportRows {
  assignment: () => Assignment | undefined;
  keepAssignment: (assignment: Assignment) => void;
}

// Slots are row ids: no index beside the table, so one report is one row written.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS assignment (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS assignment_rest (part INTEGER PRIMARY KEY, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS outbox (
    slot INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    observations INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    tickedAt INTEGER NOT NULL,
    memory TEXT NOT NULL,
    body TEXT NOT NULL
  );
`;

const PUT = `
  INSERT INTO outbox (slot, sequence, observations, acknowledged, tickedAt, memory, body)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (slot) DO UPDATE SET sequence = excluded.sequence, observations = excluded.observations,
    acknowledged = excluded.acknowledged, tickedAt = excluded.tickedAt,
    memory = excluded.memory, body = excluded.body
`;

const KEPT = "SELECT sequence, observations, acknowledged, tickedAt, memory, body FROM outbox";

type KeptRow = { [Column in keyof StoredReport]: StoredReport[Column] };

/** Opens the object's tables and makes missing ones. */
export const openVantageStore = (sql: SqlStorage): VantageStore => {
  sql.exec(SCHEMA);
  const first = (query: string, ...bindings: number[]): StoredReport | undefined =>
    sql.exec<KeptRow>(query, ...bindings).toArray()[0];
  return {
    put: (slot, row) => {
      const { sequence, observations, acknowledged, tickedAt, memory, body } = row;
      sql.exec(PUT, slot, sequence, observations, acknowledged, tickedAt, memory, body);
    },
    get: (slot) => first(`${KEPT} WHERE slot = ?`, slot),
    newest: () => first(`${KEPT} ORDER BY sequence DESC LIMIT 1`),
    assignment: () => {
      const rows = sql
        .exec<{ body: string }>(
          "SELECT body, 0 AS part FROM assignment UNION ALL SELECT body, part FROM assignment_rest ORDER BY part",
        )
        .toArray();
      const text = rows.map(({ body }) => body).join("");
      return text === "" ? undefined : (JSON.parse(text) as Assignment);
    },
    keepAssignment: (assignment) => {
      const [first = null, ...rest] = partsOf(JSON.stringify(assignment));
      sql.exec(
        "INSERT INTO assignment (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        first,
      );
      sql.exec("DELETE FROM assignment_rest");
      for (const [index, body] of rest.entries())
        sql.exec("INSERT INTO assignment_rest (part, body) VALUES (?, ?)", index + 1, body);
    },
  };
};
