import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { Asked } from "../../src/domain/audit.ts";
import { type GroupRequest, GroupRequestSchema } from "../../src/domain/group.ts";
import type { ConductorRpc } from "../../src/domain/rpc.ts";
import { runOut } from "./worker.ts";

/** Groups and their conductors, as tests of the objects use them. */

export const GROUP = "db";

/** A fresh stub: the old one is dead after an abort. */
export const conductor = (group = GROUP): DurableObjectStub =>
  env.CONDUCTOR.get(env.CONDUCTOR.idFromName(group)) as unknown as DurableObjectStub;

export const conduct = (group = GROUP): ConductorRpc => conductor(group) as unknown as ConductorRpc;

let nth = 0;

/** Each call makes a new request. */
export const asked = (what: string): Asked => {
  nth += 1;
  return { by: "ADMIN_TOKEN", what, request: `request-${nth}` };
};

/** A request for a group of these `site/target`s, the first preferred. */
export const requestOf = (mode: "pool" | "leader", names: string[], policy: object = {}): GroupRequest =>
  GroupRequestSchema.parse({
    mode,
    policy,
    members: names.map((name, index) => {
      const [site = "", target = ""] = name.split("/");
      return { site, target, priority: index + 1 };
    }),
  });

/** Lets enough time pass that the group's lease has run out. */
export const leaseRunsOut = (): Promise<void> =>
  runInDurableObject(conductor(), (_object, state) => runOut(state));

/** Rows read from the conductor's own tables. */
export const queryConductor = <T extends Record<string, SqlStorageValue>>(sql: string): Promise<T[]> =>
  runInDurableObject(conductor(), (_object, { storage }) => storage.sql.exec<T>(sql).toArray());
