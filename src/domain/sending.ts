/**
 * Ports to which a hosted detector sends no text that a user chose. The services behind them obey the first line that they receive, require
 * no login if they were left open, and are often left open. A bare connection there, and the probes made for such servers, send nothing
 * harmful.
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

/** What the service behind such a port does; undefined for any other port. */
export const waitingAt = (port: number): string | undefined => WAITING.get(port);
