/**
 * Brings an object's tables to their newest form: runs each of `migrations` once, in their order. Safe to call at every start: each is
 * one transaction with the note that it is done. A migration that has been released is never changed, only followed by another.
 */
export const migrate = (storage: DurableObjectStorage, migrations: readonly string[]): void => {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY)");
  const done = sql.exec<{ id: number }>("SELECT coalesce(max(id), 0) AS id FROM migrations").one().id;
  migrations.slice(done).forEach((statements, index) =>
    storage.transactionSync(() => {
      sql.exec(statements);
      sql.exec("INSERT INTO migrations (id) VALUES (?)", done + index + 1);
    }),
  );
};
