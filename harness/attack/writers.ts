import type { Answer, DetectorApi } from "../../scripts/detector-api.ts";
import { Slot } from "./slot.ts";

/** Writes one kind of thing again and again, and reads back the outcome. */
export interface Writer {
  /** What it writes, in one word. */
  kind: string;
  /** One write; does nothing while the last one is not settled. */
  write: () => Promise<void>;
  /** After a restart: a sentence for each thing that is not as it was acknowledged, or that exists only in part. */
  check: () => Promise<string[]>;
  acknowledged: () => number;
}

type Ask = (path: string, method?: string, body?: object, token?: string) => Promise<Answer>;

export const askOf =
  (api: DetectorApi): Ask =>
  (path, method = "GET", body, token = "local-admin") =>
    api.ask(path, { method, body, token });

const listOf = async <T>(ask: Ask, path: string, name: string): Promise<T[]> => {
  const { status, text } = await ask(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return (JSON.parse(text) as Record<string, T[]>)[name] ?? [];
};

const faults = (...all: (string | null)[]): string[] => all.filter((fault) => fault !== null);

/** Numbers that are used once in a run, so that no two writes look alike. */
let last = 0;
const next = (): number => (last += 1);

const writerOf = (
  kind: string,
  slot: Slot,
  write: (slot: Slot) => Promise<unknown>,
  check: (slot: Slot) => Promise<(string | null)[]>,
): Writer => ({
  kind,
  write: async () => {
    if (slot.isSettled) await write(slot);
  },
  check: async () => faults(...(await check(slot))),
  acknowledged: () => slot.acknowledged,
});

/** Whether this write removes the thing: true every third time. */
const isEnd = (slot: Slot): boolean => slot.known !== null && next() % 3 === 0;

/** A target that is put, put again and deleted. */
export const targetWriter = (ask: Ask, name: string, node: string): Writer => {
  const path = `/v1/sites/moving/targets/${name}`;
  return writerOf(
    "targets",
    new Slot(`target ${name}`),
    async (slot) => {
      if (isEnd(slot)) return slot.write(null, () => ask(path, "DELETE"));
      const url = `${node}/${next()}`;
      return slot.write(url, () => ask(path, "PUT", { url, intervalMs: 5_000, timeoutMs: 2_000 }));
    },
    async (slot) => {
      const { status, text } = await ask(path);
      const url = status === 200 ? (JSON.parse(text) as { url: string }).url : null;
      const listed = await ask("/v1/sites/moving/targets");
      const isListed = listed.status === 200 && listed.text.includes(`"target":"${name}"`);
      const verdict = (await ask(`${path}/verdict`)).status;
      const isWhole = isListed === (url !== null) && verdict === (url === null ? 404 : 200);
      return [
        slot.check(url),
        isWhole
          ? null
          : `half there: target ${name}: ${status}, in its list ${isListed}, its verdict ${verdict}`,
      ];
    },
  );
};

/** An operator's override of a target that stays. */
export const overrideWriter = (ask: Ask, path: string): Writer =>
  writerOf(
    "overrides",
    new Slot(`override of ${path}`),
    async (slot) => {
      if (isEnd(slot)) return slot.write(null, () => ask(`${path}/override`, "DELETE"));
      const reason = `word ${next()}`;
      const body = { advice: { routing: "avoid" }, reason, ttlMs: 86_400_000 };
      return slot.write(reason, () => ask(`${path}/override`, "PUT", body));
    },
    async (slot) => {
      const { text } = await ask(`${path}/verdict`);
      return [
        slot.check((JSON.parse(text) as { override: { reason: string } | null }).override?.reason ?? null),
      ];
    },
  );

interface ListedDrill {
  id: string;
  startsAt: string;
  endsAt: string;
}

/** One drill at a time, identified by its duration. */
export const drillWriter = (ask: Ask, site: string): Writer => {
  const listed = async (): Promise<ListedDrill[]> => listOf<ListedDrill>(ask, "/v1/drills", "drills");
  let id: string | null = null;
  return writerOf(
    "drills",
    new Slot("drill"),
    async (slot) => {
      if (id !== null) {
        const ending = id;
        if ((await slot.write(null, () => ask(`/v1/drills/${ending}`, "DELETE"))) !== null) id = null;
        return;
      }
      const durationMs = 3_000_000 + next();
      const body = { site, target: "drilled", fault: "error", durationMs };
      const text = await slot.write(String(durationMs), () => ask("/v1/drills", "POST", body));
      if (text !== null) id = (JSON.parse(text) as ListedDrill).id;
    },
    async (slot) => {
      const all = await listed();
      const [one] = all;
      id = one?.id ?? null;
      const lasts = one === undefined ? null : String(Date.parse(one.endsAt) - Date.parse(one.startsAt));
      return [
        slot.check(lasts),
        all.length > 1 ? `half there: ${all.length} drills, where one was begun` : null,
      ];
    },
  );
};

/** A token that is made, used and revoked; identified by its note. */
export const tokenWriter = (ask: Ask): Writer => {
  interface Listed {
    id: string;
    note?: string;
  }
  let id: string | null = null;
  let token: string | null = null;
  return writerOf(
    "tokens",
    new Slot("token"),
    async (slot) => {
      if (id !== null) {
        const ending = id;
        if ((await slot.write(null, () => ask(`/v1/tokens/${ending}`, "DELETE"))) !== null) id = null;
        return;
      }
      const note = `made ${next()}`;
      const text = await slot.write(note, () => ask("/v1/tokens", "POST", { scope: "read", note }));
      if (text !== null) ({ id, token } = JSON.parse(text) as { id: string; token: string });
      else token = null;
    },
    async (slot) => {
      const all = (await listOf<Listed>(ask, "/v1/tokens", "tokens")).filter(({ note }) =>
        note?.startsWith("made "),
      );
      const [one] = all;
      // If the making of a token was not answered, the token's text is unknown.
      const opens = token === null ? null : (await ask("/v1/sites", "GET", undefined, token)).status;
      const must = one === undefined ? 401 : 200;
      id = one?.id ?? null;
      if (one === undefined) token = null;
      return [
        slot.check(one?.note ?? null),
        all.length > 1 ? `half there: ${all.length} tokens, where one was made` : null,
        opens === null || opens === must
          ? null
          : `half there: the token is answered ${opens} and not ${must}`,
      ];
    },
  );
};

/** A remote vantage that is registered and deleted, identified by its region. */
export const vantageWriter = (ask: Ask): Writer => {
  let token: string | null = null;
  const path = "/v1/vantages";
  return writerOf(
    "vantages",
    new Slot("vantage"),
    async (slot) => {
      if (slot.known !== null) return slot.write(null, () => ask(`${path}/comes-and-goes`, "DELETE"));
      const region = `region-${next()}`;
      const body = { id: "comes-and-goes", region, provider: "other", sites: "all" };
      const text = await slot.write(region, () => ask(path, "POST", body));
      token = text === null ? null : (JSON.parse(text) as { token: string }).token;
      return text;
    },
    async (slot) => {
      const all = await listOf<{ id: string; region: string }>(ask, path, "vantages");
      const region = all.find(({ id }) => id === "comes-and-goes")?.region ?? null;
      const body = { version: 0, reports: [] };
      const opens = token === null ? null : (await ask("/v1/observations", "POST", body, token)).status;
      const must = region === null ? 401 : 200;
      return [
        slot.check(region),
        opens === null || opens === must
          ? null
          : `half there: the vantage's token is answered ${opens}, not ${must}`,
      ];
    },
  );
};

/** A webhook that is put, put again and deleted, identified by its URL. */
export const webhookWriter = (ask: Ask, receiver: string): Writer => {
  const path = "/v1/webhooks/moving";
  return writerOf(
    "webhooks",
    new Slot("webhook"),
    async (slot) => {
      if (isEnd(slot)) return slot.write(null, () => ask(path, "DELETE"));
      const url = `${receiver}/${next()}`;
      return slot.write(url, () => ask(path, "PUT", { url, disabled: next() % 2 === 0 }));
    },
    async (slot) => {
      const { status, text } = await ask(path);
      return [slot.check(status === 200 ? (JSON.parse(text) as { url: string }).url : null)];
    },
  );
};

/** A remote vantage's reports: the aggregator never asks again for a report that it has acknowledged. */
export const reportWriter = (ask: Ask, token: string): Writer => {
  let sent = 0;
  let acknowledged = 0;
  let taken = 0;
  const exchange = async (reports: object[]): Promise<number | null> => {
    const answer = await ask("/v1/observations", "POST", { version: 0, reports }, token).catch(() => null);
    return answer?.status === 200 ? (JSON.parse(answer.text) as { acknowledged: number }).acknowledged : null;
  };
  return {
    kind: "reports",
    write: async () => {
      const sequence = (sent = Math.max(sent, acknowledged) + 1);
      const now = new Date().toISOString();
      const told = await exchange([
        { sequence, madeAt: now, version: 0, dropped: 0, observations: [], controls: [] },
      ]);
      if (told === null) return;
      acknowledged = Math.max(acknowledged, told);
      taken += 1;
    },
    check: async () => {
      const told = await exchange([]);
      if (told === null) return ["reports: the vantage is not answered after a restart"];
      const fault =
        told < acknowledged
          ? `reports: acknowledged ${told} after a restart, and ${acknowledged} before`
          : null;
      acknowledged = told;
      return faults(fault);
    },
    acknowledged: () => taken,
  };
};

/** A node's own notices and heartbeats. They are counted, but not looked for after a restart. */
export const wordWriter = (ask: Ask, path: string, token: string): Writer => {
  let taken = 0;
  return {
    kind: "words",
    write: async () => {
      const boot = `boot-${next()}`;
      const say = async (what: string, body: object): Promise<void> => {
        const answer = await ask(`${path}/${what}`, "POST", { bootId: boot, ...body }, token).catch(
          () => null,
        );
        if (answer?.status === 202) taken += 1;
      };
      await say("notices", { kind: "start" });
      await say("heartbeats", {});
      await say("notices", { kind: "crash" });
    },
    check: () => Promise.resolve([]),
    acknowledged: () => taken,
  };
};

/** Reads a target's sequence all the time: it must never go back, and the history must have every sequence. */
export const sequenceReader = (ask: Ask, path: string): Writer => {
  let highest = 0;
  const read = async (): Promise<number | null> => {
    const answer = await ask(`${path}/verdict`).catch(() => null);
    return answer?.status === 200 ? (JSON.parse(answer.text) as { sequence: number }).sequence : null;
  };
  return {
    kind: "reads",
    write: async () => void (highest = Math.max(highest, (await read()) ?? 0)),
    check: async () => {
      const now = (await read()) ?? -1;
      const { text } = await ask(`${path}/history?limit=100`);
      const { transitions } = JSON.parse(text) as { transitions: { sequence: number }[] };
      const [newest] = transitions;
      const hasGap = transitions.some(({ sequence }, at) => sequence !== (newest?.sequence ?? 0) - at);
      const found = faults(
        now < highest ? `back: the sequence of ${path} was ${highest} and is ${now}` : null,
        hasGap || (newest?.sequence ?? 0) < highest
          ? `half there: the history of ${path} lacks a sequence`
          : null,
      );
      highest = now;
      return found;
    },
    acknowledged: () => 0,
  };
};
