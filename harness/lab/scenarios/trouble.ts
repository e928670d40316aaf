import { until } from "../../../scripts/until.ts";
import { filterOn, redirectOn, together } from "../fault.ts";
import { touch } from "../feel.ts";
import { Helper } from "../helper.ts";
import { SERVICE_PORT } from "../machine.ts";
import { type Expected, meeting, named, type Scenario } from "../scenario.ts";
import { CORE, gatewayOf, NAME_SERVER, networkOf, REMOTE_IDS, type Site } from "../topology.ts";
import { AMS_1, FRA_1, FRA_2, machineOf, WEB, WEB_NAME, WEB_PORT } from "../world.ts";

const SERVED: Expected = {
  verdicts: ["alive", "gray"],
  up: [200],
  avoid: [409],
  failover: 409,
  kind: "stay",
  withinMs: 30_000,
};

/** Packets that must have been dropped, as proof of the loss. */
const LOST_AT_LEAST = 20;

const loss = (name: string, truth: string, match: string): Scenario => ({
  name,
  truth,
  why: "it answers, slowly and not always, and every path to it loses as much",
  lane: "fra",
  stage: () => {
    const drop = `${match}numgen random mod 100 < 30 counter drop`;
    const fault = filterOn(gatewayOf("fra"), { forward: [drop] });
    return {
      key: FRA_1,
      fault,
      proof: [],
      expected: SERVED,
      others: named([FRA_2], ...SERVED.verdicts),
      during: async () => {
        await until(async () => (await fault.counted()) >= LOST_AT_LEAST, {
          withinMs: 20_000,
          explain: () => `fewer than ${LOST_AT_LEAST} packets were lost`,
        });
        return [];
      },
    };
  },
});

export const LOSS = loss(
  "loss-30",
  "three in ten packets towards the site are lost",
  `ip daddr ${networkOf("fra")} `,
);
export const LOSS_BOTH_WAYS = loss(
  "loss-30-both-ways",
  "three in ten packets that pass the site's gateway are lost, each way: half of all round trips",
  "",
);

const PROXY_PORT = 9100;
/** Each way: an answer takes twice this, and still arrives in time. */
const DELAY_MS = 200;

export const SLOW: Scenario = {
  name: "slow-path",
  truth: "a proxy on the way to one node passes each byte on 0.2 s late",
  why: "it answers within its time",
  lane: "ams",
  stage: (world, choice) => {
    const key = choice.pick([AMS_1, FRA_1]);
    const { address } = machineOf(world, key);
    const gateway = gatewayOf(key.site as Site);
    let proxy: Helper | undefined;
    const onTheWay = {
      apply: async (): Promise<void> => {
        const open = { port: PROXY_PORT, to: { host: address, port: SERVICE_PORT }, delayMs: DELAY_MS };
        proxy = await Helper.start(gateway, "slow-proxy", { open });
      },
      undo: async (): Promise<void> => proxy?.stop(),
    };
    const redirect = redirectOn(gateway, `ip daddr ${address} tcp dport ${SERVICE_PORT}`, PROXY_PORT);
    return {
      key,
      fault: together(onTheWay, redirect),
      proof: meeting(world, REMOTE_IDS, key, "answers"),
      expected: { ...SERVED, withinMs: 20_000 },
      during: async () => {
        const begin = performance.now();
        await touch(choice.pick(REMOTE_IDS), address, SERVICE_PORT);
        const tookMs = performance.now() - begin;
        return tookMs >= 2 * DELAY_MS ? [] : [`no fault: answered after ${tookMs.toFixed(0)} ms`];
      },
    };
  },
};

export const NAMES_GONE: Scenario = {
  name: "names-gone",
  truth: "the name server answers nothing; the node lives",
  why: "the name fails and not the node: gray, or nothing is concluded",
  lane: "ams",
  stage: (world) => ({
    key: WEB,
    fault: filterOn(CORE, { input: [`ip daddr ${NAME_SERVER} udp dport 53 drop`] }),
    proof: [
      ...REMOTE_IDS.map((from) => ({
        from,
        to: WEB_NAME,
        port: WEB_PORT,
        meets: ["nameless", "silent"] as const,
      })),
      ...meeting(world, REMOTE_IDS, WEB, "answers"),
    ],
    expected: {
      ...SERVED,
      verdicts: ["alive", "gray", "unknown"],
      up: [200, 503],
      avoid: [200, 409],
    },
  }),
};
