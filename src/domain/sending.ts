/**
 * Ports to which a hosted detector sends no text of a target's own: what stands behind them does as it is told by the first line,
 * asks nobody's name where it was left open, and is often left open. A bare connection there, and the probes made for such servers,
 * say nothing that does harm.
 */
const WAITING: ReadonlyMap<number, string> = new Map([
  [25, "mail is taken"],
  [465, "mail is taken"],
  [587, "mail is taken"],
  [2525, "mail is taken"],
  [2375, "Docker takes orders"],
  [2379, "etcd takes orders"],
  [5432, "PostgreSQL takes orders"],
  [6379, "Redis takes orders"],
  [8500, "Consul takes orders"],
  [9200, "Elasticsearch takes orders"],
  [10250, "a kubelet takes orders"],
  [11211, "memcached takes orders"],
  [27017, "MongoDB takes orders"],
]);

/** What stands behind a port that does as it is told; undefined for any other. */
export const waitingAt = (port: number): string | undefined => WAITING.get(port);
