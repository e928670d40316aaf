import type { ExpectOf } from "../domain/kinds.ts";
import { ownOf } from "../domain/own.ts";
import { ask, overSocket, said } from "./conversation.ts";
import { concludeProbe, type Ending } from "./progress.ts";

type RedisExpect = ExpectOf<"redis">;

/** Redis' serialisation protocol (RESP): a list of one bulk string. */
const PING = "*1\r\n$4\r\nPING\r\n";
const ROLE = "*1\r\n$4\r\nROLE\r\n";

/** Errors by which a server answers but declines to serve us. */
const STRANGER = /^-(NOAUTH|NOPERM)\b/;

/** The names that `ROLE` returns: `*3`, `$6`, `master`, … */
const ROLES: Readonly<Record<string, RedisExpect["role"] | undefined>> = {
  master: "primary",
  slave: "replica",
};

const linesOf = (bytes: Uint8Array): string[] => {
  const lines = new TextDecoder("latin1").decode(bytes).split("\r\n");
  // The last line has not ended yet.
  return lines.slice(0, -1);
};

const isWhole =
  (asksRole: boolean) =>
  (bytes: Uint8Array): boolean => {
    const [pong, role, ...rest] = linesOf(bytes);
    if (pong === undefined) return false;
    const isOver = !asksRole || !(pong === "+PONG" || STRANGER.test(pong));
    return isOver || (role !== undefined && (!role.startsWith("*") || rest.length > 1));
  };

const wrong = (detail: string): Ending => ({ outcome: "app_error", stage: "body", detail });

const judgeRole = (lines: string[], wanted: RedisExpect["role"]): Ending | undefined => {
  if (wanted === undefined) return undefined;
  const [, first = "", , word = ""] = lines;
  if (STRANGER.test(first))
    return wrong(`expect.role cannot be met: the server does not tell its role (${first.slice(1, 60)})`);
  const role = ownOf(ROLES, word);
  if (role === undefined || !first.startsWith("*"))
    return wrong(`no answer to ROLE: "${first.slice(0, 60)}"`);
  return role === wanted ? undefined : wrong(`its role is ${role}, expect.role has ${wanted}`);
};

const judge = (bytes: Uint8Array, { role }: RedisExpect): Ending => {
  const lines = linesOf(bytes);
  const [pong = ""] = lines;
  const isStranger = STRANGER.test(pong);
  if (!isStranger && pong !== "+PONG")
    return wrong(
      pong.startsWith("-") ? `the server says: ${said(bytes).slice(1)}` : `not Redis: "${said(bytes)}"`,
    );
  const detail = isStranger ? { detail: "it answers, and asks for a password" } : {};
  return judgeRole(lines, role) ?? { outcome: "ok", stage: "done", ...detail };
};

/** Redis: `ok` is a server that answers `PING`, even if it asks for a password first. */
export const probeRedis = overSocket<RedisExpect>(async (socket, { expect = {} }, progress) => {
  const asksRole = expect.role !== undefined;
  const request = new TextEncoder().encode(asksRole ? PING + ROLE : PING);
  const heard = await ask(socket, request, progress, { isWhole: isWhole(asksRole) });
  return concludeProbe(progress, "ending" in heard ? heard.ending : judge(heard.bytes, expect));
});
