/**
 * Tables of one shard. Rings are written in place (slot = id modulo size): one row a write, where
 * inserting and deleting would bill two. Every table is keyed so that a write touches one row.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE targets (
     site TEXT NOT NULL, target TEXT NOT NULL, config TEXT NOT NULL, revision INTEGER NOT NULL,
     version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
     PRIMARY KEY (site, target)) WITHOUT ROWID;
   CREATE TABLE drills (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE journal (slot INTEGER PRIMARY KEY, id INTEGER NOT NULL, at INTEGER NOT NULL, events TEXT NOT NULL);
   CREATE TABLE transitions (slot INTEGER PRIMARY KEY, id INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE TABLE snapshot (part INTEGER PRIMARY KEY, body TEXT NOT NULL);`,
  `CREATE TABLE vantages (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE tokens (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE former_tokens (hash TEXT PRIMARY KEY, id TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE webhooks (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE outbox (
     webhook TEXT NOT NULL, slot INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
     pending INTEGER NOT NULL, dead INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (webhook, slot)) WITHOUT ROWID;
   CREATE TABLE tallies (webhook TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE overflow (
     ring TEXT NOT NULL, id INTEGER NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (ring, id, part)) WITHOUT ROWID;`,
  `CREATE TABLE audit (slot INTEGER PRIMARY KEY, id INTEGER NOT NULL, body TEXT NOT NULL);`,
  `CREATE TABLE bases (
     slot INTEGER NOT NULL, part INTEGER NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (slot, part)) WITHOUT ROWID;`,
  `CREATE TABLE go_aheads (
     slot INTEGER PRIMARY KEY, id INTEGER NOT NULL, key TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL);`,
  `CREATE TABLE mutes (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE groups (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE followers (grouped TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (grouped, key)) WITHOUT ROWID;`,
  `CREATE TABLE joins (
     id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, nonce TEXT, body TEXT NOT NULL) WITHOUT ROWID;`,
];
