import fc from "fast-check";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FindingSchema } from "../../src/domain/observation.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { PROBERS } from "../../src/probe/probers.ts";
import { inTime, said } from "./in-time.ts";
import { type KindCases, startKind } from "./kinds/cases.ts";
import { readKinds } from "./kinds/index.ts";
import { nodeWire } from "./wire.ts";

/** The timeout of probes in the law, which often waits for silence. */
const SHORT_MS = 250;
/** Kinds that are tested in other files, with more answers than would fit here. */
const ELSEWHERE = ["http", "https", "tcp"];
const kinds = await readKinds();

const unhandled: unknown[] = [];
const count = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on("unhandledRejection", count));
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", count);
  expect(unhandled).toEqual([]);
});

test("every kind of probe there is has its cases", () => {
  const tested = [...kinds.map(({ scheme }) => scheme), ...ELSEWHERE];
  expect(tested.toSorted()).toEqual(Object.keys(PROBERS).toSorted());
});

describe.each(kinds)("a probe of scheme $scheme by Node", (kind) => {
  let started: Awaited<ReturnType<typeof startKind>>;
  beforeAll(async () => {
    started = await startKind(kind);
  });
  afterAll(() => started.stop());

  test.concurrent.each(kind.cases)(
    "of a server that is $of finds $finds",
    async ({ of, finds, expect: wish, saying }) => {
      const url = started.urls[of] ?? "";
      const look = (timeoutMs: number) => startProbe({ url, timeoutMs, expect: wish }, nodeWire()).finding;
      const finding = FindingSchema.parse(await inTime(finds, look));
      expect(said(finding), finding.detail).toBe(finds);
      expect(finding.detail ?? "").toContain(saying ?? "");
    },
  );
});

interface Script {
  waits: boolean;
  parts: Uint8Array[];
  end: "fin" | "rst" | "hang";
}

/** Arbitrary bytes, and some that begin like answers of a kind. */
const scriptsFor = ({ behaviours }: KindCases): fc.Arbitrary<Script> =>
  fc.record({
    waits: fc.boolean(),
    parts: fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 3_000 }),
        fc
          .constantFrom(
            "S",
            "N",
            "E",
            "+PONG\r\n",
            "-ERR",
            "*3\r\n$6\r\n",
            "\x16\x03\x03",
            "\0\x10\0\0\x81\x80\0\x01",
          )
          .map((text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))),
      ),
      { maxLength: 6 },
    ),
    end: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<Script["end"]>("fin", "rst") },
      { weight: Object.keys(behaviours).length > 0 ? 1 : 0, arbitrary: fc.constant<Script["end"]>("hang") },
    ),
  });

const play = (socket: Socket, { parts, end }: Script): void => {
  for (const part of parts) socket.write(part);
  if (end === "fin") socket.end();
  if (end === "rst") socket.write("", () => socket.resetAndDestroy());
};

/** `connect_timeout` comes where TCP, used beside UDP, did not connect before the deadline. */
const LIKELY = ["ok", "app_error", "reset", "response_timeout", "tls_failure", "connect_timeout"];

describe("whatever a server sends", () => {
  test.each(kinds)(
    "a probe of scheme $scheme comes to one of the known findings, and throws nothing",
    async (kind) => {
      let script: Script | undefined;
      const { urls, stop } = await startKind({
        ...kind,
        behaviours: {
          any: {
            tcp: (socket) => {
              const played = script;
              if (played === undefined) return;
              if (played.waits) socket.once("data", () => play(socket, played));
              else play(socket, played);
            },
            udp: (_message, reply) => script?.parts.forEach((part) => reply(part)),
          },
        },
      });
      const wishes = fc.constantFrom(undefined, ...kind.cases.map((each) => each.expect));
      await fc.assert(
        fc.asyncProperty(scriptsFor(kind), wishes, async (next, wish) => {
          script = next;
          const spec = { url: urls["any"] ?? "", timeoutMs: SHORT_MS, expect: wish };
          const finding = FindingSchema.parse(await startProbe(spec, nodeWire()).finding);
          expect(LIKELY).toContain(finding.outcome);
        }),
        { numRuns: 60 },
      );
      await stop();
    },
    60_000,
  );
});
