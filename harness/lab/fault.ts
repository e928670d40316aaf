/** A fault is a change to the lab that can be undone. */
import { ip, nft, onHost, run } from "./namespace.ts";
import type { Host } from "./topology.ts";

export interface Fault {
  /** Resolves once it is in force. */
  apply: () => Promise<void>;
  /** Resolves once the fault is completely undone; may be called for a fault that was never applied. */
  undo: () => Promise<void>;
}

type Hook = "forward" | "input" | "output";
/** Rules of nft's, by the hook they stand in. */
export type Rules = Partial<Record<Hook, readonly string[]>>;

let tables = 0;

/** A packet filter on a host, in its own nft table. `counted` returns how many packets its rules have matched. */
export const filterOn = (host: Host, rules: Rules): Fault & { counted: () => Promise<number> } => {
  const table = `fault_${++tables}`;
  const chains = Object.entries(rules).map(
    ([hook, lines]) =>
      `chain ${hook} {\ntype filter hook ${hook} priority 0; policy accept;\n${lines.join("\n")}\n}`,
  );
  let applied = false;
  return {
    apply: async () => {
      await nft(host, `table inet ${table} {\n${chains.join("\n")}\n}\n`);
      applied = true;
    },
    undo: async () => {
      if (!applied) return;
      applied = false;
      await nft(host, `delete table inet ${table}\n`);
    },
    counted: async () => {
      const listed = await run([...onHost(host), "nft", "list", "table", "inet", table]);
      return [...listed.matchAll(/packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    },
  };
};

/** Redirects TCP connections that pass a host to one of its own ports. */
export const redirectOn = (host: Host, match: string, port: number): Fault => {
  const table = `fault_${++tables}`;
  let applied = false;
  return {
    apply: async () => {
      await nft(
        host,
        `table ip ${table} {\nchain prerouting {\ntype nat hook prerouting priority -100;\n${match} redirect to :${port}\n}\n}\n`,
      );
      applied = true;
    },
    undo: async () => {
      if (!applied) return;
      applied = false;
      await nft(host, `delete table ip ${table}\n`);
    },
  };
};

/** Takes an interface down, and its routes with it: `routes` are put back after the interface is up again. */
export const linkDown = (host: Host, name: string, routes: readonly string[]): Fault => {
  let applied = false;
  return {
    apply: async () => {
      applied = true;
      await ip(host, `link set ${name} down`);
    },
    undo: async () => {
      if (!applied) return;
      applied = false;
      await ip(host, `link set ${name} up`);
      for (const route of routes) await ip(host, `route replace ${route}`);
    },
  };
};

/** Applies the faults one after the other. Undoes them in the opposite order, each even if another failed. */
export const together = (...faults: readonly Fault[]): Fault => ({
  apply: async () => {
    for (const fault of faults) await fault.apply();
  },
  undo: async () => {
    const undone = await Promise.allSettled(faults.toReversed().map((fault) => fault.undo()));
    for (const end of undone) if (end.status === "rejected") throw end.reason;
  },
});
