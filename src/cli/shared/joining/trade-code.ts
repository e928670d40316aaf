/** Trades a code for a token and keeps the token. It tries until the detector refuses the code for good; what answers in its place does not count. */
import { randomBytes } from "node:crypto";
import { basename, dirname } from "node:path";
import type { Called } from "../../../client/called.ts";
import { Client } from "../../../client/client.ts";
import type { TradeRequest } from "../../../domain/join.ts";
import { joinOf } from "../../../domain/join-code.ts";
import { Backoff } from "../time/backoff.ts";
import { EXIT_REFUSED, EXIT_USAGE } from "../../command.ts";
import { mustBeReplaceable, replaceFile } from "../files/durable.ts";
import { makeDirectory } from "../files/make-directory.ts";
import { takeLock } from "../process/lock.ts";
import type { Machine } from "../process/machine.ts";
import { pause } from "../time/pause.ts";
import { inOneLine } from "../output/trouble.ts";
import type { Credential, Joining } from "./credential.ts";
import { keepRecord, OWN_MODE, recordOf } from "./record.ts";

const BACKOFF = { firstMs: 1_000, longestMs: 30_000 };
/** 192 bits: without the same nonce, a used code cannot be traded again. */
const NONCE_BYTES = 24;
/** Answers of a proxy before the detector, or of a busy detector: a later try may succeed. */
const PASSING = new Set([408, 425, 429]);

/** Problems of a path that is not the detector's for trades, where they name no field of the trade. */
const ELSEWHERE = new Set(["not-found", "method-not-allowed"]);

/** What a program needs to join; tests replace it. */
export interface JoinPorts extends Pick<Machine, "after" | "random" | "log"> {
  trade: Client["joins"]["trade"];
}

/** The program that joins. */
export type Joiner = Pick<TradeRequest, "kind" | "site" | "target">;

/** A token, or why there is none, and the exit code for that. */
export type Joined = { token: string } | { problem: string; code: number };

export const joinPorts = (url: string, machine: Machine): JoinPorts => {
  const { joins } = new Client(url, "");
  return { ...machine, trade: (...call) => joins.trade(...call) };
};

const endedBy = (problem: string, code = EXIT_USAGE): Joined => ({ problem, code });

/** The token of a credential: the given one, or by a trade. Never rejects. `stop`: the caller does not need it any more; its reason may be a sentence that says why. */
export const tokenBy = async (
  credential: Credential,
  joiner: Joiner,
  ports: JoinPorts,
  stop = new AbortController().signal,
): Promise<Joined> => {
  if ("token" in credential) return credential;
  if ("problem" in credential) return endedBy(credential.problem);
  const { file } = credential;
  try {
    makeDirectory(dirname(file));
    mustBeReplaceable(file);
    const lock = takeLock(dirname(file), `${basename(file)}.lock`);
    if ("heldBy" in lock) return endedBy(`process ${lock.heldBy} is joining by ${file}: one at a time`);
    try {
      return await trade(credential, joiner, ports, stop);
    } finally {
      lock.release();
    }
  } catch (error) {
    // A program that cannot keep a token does not ask for one.
    return endedBy(`what joins cannot be kept beside ${file}: ${(error as Error).message}`);
  }
};

/** The nonce, which is kept before it is sent: after a crash in between, the same nonce is sent. */
const nonceFor = ({ code, file }: Joining): string => {
  const record = recordOf(file);
  if (record?.join === joinOf(code)) return record.nonce;
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  keepRecord(file, { join: joinOf(code), nonce });
  return nonce;
};

const trade = async (
  joining: Joining,
  joiner: Joiner,
  { trade: ask, after, random, log }: JoinPorts,
  stop: AbortSignal,
): Promise<Joined> => {
  const { code, file } = joining;
  const body = { code, nonce: nonceFor(joining), ...joiner };
  const join = joinOf(code);
  log("info", "joining", { join });
  for (const backoff = new Backoff(random, BACKOFF); !stop.aborted;) {
    const called = await ask(body, { stop });
    if (called.kind === "ok") {
      const { token, ...of } = called.value;
      log("info", "joined", { ...of, keptIn: file });
      keep(file, token, log);
      return { token };
    }
    const said = inOneLine(called.detail.replaceAll(code, "…"));
    const end = endIn(called, said);
    if (end !== undefined) return end;
    const status = called.kind === "refused" ? called.status : undefined;
    const isOther = called.kind === "refused" && called.problem === undefined;
    const detail = isOther ? `no answer of the detector, so look at --url too: ${said}` : said;
    const waitMs = backoff.fail();
    if (backoff.isTelling && !stop.aborted)
      log("warn", "join-failing", {
        ...(status === undefined ? {} : { status }),
        detail,
        failures: backoff.failures,
      });
    await pause(after, waitMs, stop);
  }
  return endedBy(typeof stop.reason === "string" ? stop.reason : "it was told to stop before it had joined");
};

/** The end by an answer of the detector's own that no later try changes. */
const endIn = (called: Exclude<Called<unknown>, { kind: "ok" }>, said: string): Joined | undefined => {
  if (called.kind === "failed" || called.problem === undefined) return undefined;
  const { status, problem } = called;
  if (status >= 500 || PASSING.has(status)) return undefined;
  return ELSEWHERE.has(problem.kind) && problem.fields.length === 0
    ? endedBy(`--url (or PARALLAX_URL) is not the address of the detector itself (${status}): ${said}`)
    : endedBy(`the join code is refused (${status}): ${said}`, EXIT_REFUSED);
};

const keep = (file: string, token: string, log: Machine["log"]): void => {
  try {
    replaceFile(file, `${token}\n`, OWN_MODE);
  } catch (error) {
    log("error", "token-not-kept", {
      file,
      reason: String(error),
      so: "it is used until this process ends; start again while the code lives, and it is traded anew",
    });
  }
};
