/** One line for each change that somebody asked for, with the state before and after it, and without any secret. */
import type { Asked, Audited } from "../domain/audit.ts";
import { toInstant } from "../domain/instant.ts";
import { keyOf } from "../domain/name.ts";
import { shownOverride } from "../domain/shown-override.ts";
import type { Result } from "../domain/problem.ts";
import type { AggregatorRpc } from "../domain/rpc.ts";
import { maskedSince } from "../domain/secrets.ts";
import type { TargetConfig } from "../domain/target.ts";
import * as configuration from "./configuration.ts";
import { shownDrill } from "./drills.ts";
import { listJoins } from "./joins.ts";
import { listMutes } from "./mute-acts.ts";
import { auditedWebhook } from "../domain/webhook-secrets.ts";
import type { Shard } from "./shard.ts";
import type { Audit } from "./store/audit-table.ts";

/** A longer text is replaced by its length. */
const SHOWN_MAX = 8_192;

/**
 * The subject of a call in its present state; undefined where there is none. `args`: the call's arguments; `old`: the target's
 * configuration before the call.
 */
type Subject = (shard: Shard, args: unknown[], now: number, old?: TargetConfig) => unknown;

const nameIn = (args: unknown[], index = 0): string => String(args[index]);
const idIn = (args: unknown[], index = 0): string => {
  const given = args[index];
  return typeof given === "object" && given !== null && "id" in given
    ? String(given.id)
    : nameIn(args, index);
};

const configAt = (shard: Shard, args: unknown[]): TargetConfig | undefined =>
  shard.catalogue.target(nameIn(args), nameIn(args, 1))?.config;

const target: Subject = (shard, args, _now, old) => {
  const found = configuration.getTarget(shard, nameIn(args), nameIn(args, 1));
  const config = configAt(shard, args);
  if (!found.ok || config === undefined) return undefined;
  const { warnings: _, ...shownNow } = found.value.answer;
  // Two masks look alike, whatever they hide.
  return { ...shownNow, ...(old === undefined ? {} : maskedSince(config, old)) };
};

const override: Subject = (shard, args, now) =>
  shownOverride(shard.ledger.state.targets.get(keyOf(nameIn(args), nameIn(args, 1)))?.override ?? null, now);

const vantage: Subject = (shard, args) => shard.registry.vantages().find(({ id }) => id === idIn(args));

const token: Subject = (shard, args, now) => shard.registry.tokens(now).find(({ id }) => id === idIn(args));

/** `join` is the join's own id, where `id` is that of what it makes. */
const join: Subject = (shard, [given]) => {
  const id = typeof given === "object" && given !== null && "join" in given ? given.join : given;
  return listJoins(shard).find((one) => one.join === id);
};

/** The path of a webhook's URL is a secret with many receivers. */
const webhook: Subject = (shard, args) => {
  const found = shard.webhooks.find(({ id }) => id === nameIn(args));
  return found && auditedWebhook(found);
};

const drill: Subject = (shard, args) => {
  const found = shard.catalogue.drills().find(({ id }) => id === nameIn(args));
  return found && shownDrill(found);
};

const mute: Subject = (shard, args) => listMutes(shard).find(({ id }) => id === nameIn(args));

const nothing: Subject = () => undefined;

const SUBJECTS: Record<Audited, Subject> = {
  putTarget: target,
  deleteTarget: target,
  putOverride: override,
  deleteOverride: override,
  addVantage: vantage,
  rotateVantage: vantage,
  deleteVantage: vantage,
  addToken: token,
  rotateToken: token,
  deleteToken: token,
  addJoin: join,
  tradeJoin: join,
  deleteJoin: join,
  putWebhook: webhook,
  deleteWebhook: webhook,
  rotateWebhook: webhook,
  testWebhook: nothing,
  replayDelivery: nothing,
  startDrill: nothing,
  stopDrill: drill,
  putMute: mute,
  deleteMute: mute,
};

const shown = (value: unknown): unknown => {
  if (value === undefined) return null;
  const { length } = JSON.stringify(value);
  return length > SHOWN_MAX ? `${length} characters, which are not kept here` : value;
};

/** Adds the caller's name to the arguments, where the thing to be made stores it. */
const signed = (call: Audited, args: unknown[], by: string): unknown[] => {
  const index = { putOverride: 2, startDrill: 0, putMute: 1 }[call as string];
  return index === undefined ? args : args.with(index, { ...(args[index] as object), by });
};

/** Whether a call says that it changed nothing. */
const isWithoutChange = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "changed" in value && value.changed === false;

/** Makes the call, and keeps its audit line in the shard where it was made. Rejects as the call does. */
export const audited = async (
  shard: Shard,
  audit: Audit,
  object: Pick<AggregatorRpc, Audited>,
  { by, what, request }: Asked,
  call: Audited,
  args: unknown[],
): Promise<unknown> => {
  const old = SUBJECTS[call] === target ? configAt(shard, args) : undefined;
  const before = shown(SUBJECTS[call](shard, args, shard.now()));
  const calls = object as unknown as Record<Audited, (...all: unknown[]) => Promise<Result<unknown>>>;
  const result = await calls[call](...signed(call, args, by));
  if (!result.ok || isWithoutChange(result.value)) return result;
  const now = shard.now();
  const after = shown(call === "startDrill" ? result.value : SUBJECTS[call](shard, args, now, old));
  audit.append({ at: toInstant(now), by, what, before, after, request });
  return result;
};
