import { afterAll, beforeAll, expect } from "vitest";
import { type Finding, FindingSchema } from "../../src/domain/observation.ts";
import type { Expect } from "../../src/domain/kinds.ts";
import { type ProbeSpec, startProbe, type Wire } from "../../src/probe/probe.ts";
import { AMPLE_MS, inTime, said } from "./in-time.ts";
import { type Servers, startServers } from "./servers.ts";
import { nodeWire, provenChannels } from "./wire.ts";

/** The finding, as `outcome/stage`, that a probe of a server with this behaviour must come to. */
export type Row = [behaviour: string, expected: string, expect?: Expect];

const unhandled: unknown[] = [];
const count = (error: unknown): void => void unhandled.push(error);

interface Probing {
  /** Probes the server with this behaviour under `base`, with ample time. Checks the finding against the contract. */
  probe: (
    base: string,
    behaviour: string,
    extra?: Partial<ProbeSpec>,
    wire?: Partial<Wire>,
  ) => Promise<Finding>;
  /** Probes in the same way where the expected finding `finds` may be a passed deadline. Returns `outcome/stage`. */
  find: (
    finds: string,
    base: string,
    behaviour: string,
    expect?: Expect,
    wire?: Partial<Wire>,
  ) => Promise<string>;
  /** The certificate of the servers that speak TLS. */
  certificate: () => string;
}

/** For a file of tests: runs servers of every behaviour, and fails where a rejection was left unhandled. */
export const useServers = (): Probing => {
  let servers: Servers;
  beforeAll(async () => {
    process.on("unhandledRejection", count);
    servers = await startServers();
  });
  afterAll(async () => {
    await servers.stop();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", count);
    expect(unhandled).toEqual([]);
  });
  const probe = async (
    base: string,
    behaviour: string,
    extra: Partial<ProbeSpec> = {},
    overrides: Partial<Wire> = {},
  ): Promise<Finding> => {
    const port = servers.ports[behaviour] ?? 0;
    const channels = provenChannels(`localhost:${port}`, `127.0.0.1:${port}`);
    const wire = nodeWire({ channels, ...overrides });
    const running = startProbe({ url: `${base}:${port}`, timeoutMs: AMPLE_MS, ...extra }, wire);
    const finding = await running.finding;
    expect(running.stage()).toBe(finding.stage);
    expect(running.connectMs()).toBe(finding.connectMs);
    return FindingSchema.parse(finding);
  };
  const find: Probing["find"] = async (finds, base, behaviour, wish, wire) =>
    said(await inTime(finds, (timeoutMs) => probe(base, behaviour, { timeoutMs, expect: wish }, wire)));
  return { probe, find, certificate: () => servers.cert };
};
