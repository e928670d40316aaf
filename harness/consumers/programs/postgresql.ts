import { join } from "node:path";
import { GroupRule } from "../../lab/postgresql/groups.ts";
import { Pair } from "../../lab/postgresql/pair.ts";
import { onLoopback } from "../../lab/postgresql/place.ts";
import { playCell } from "../../lab/postgresql/play.ts";
import type { Consumer, Row } from "../consumer.ts";
import { FaultProxy } from "../faults.ts";
import { rowOf, storiesOf } from "../postgresql/stories.ts";
import { versionOf } from "../version.ts";
import type { World } from "../world.ts";

const SITE = "postgresql";
/** A part of this machine's loopback that no other node uses. */
const NETWORK = "127.21.0";
/** Rows of one story never share a number with rows of an earlier one. */
const NUMBERS_PER_STORY = 1_000_000;

export const POSTGRESQL_NEEDS: Consumer["needs"] = {
  root: true,
  commands: {
    psql: "postgresql-client-15",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
    unshare: "util-linux",
    flock: "util-linux",
    pgrep: "procps",
  },
};

/** All stories of one synchronous pair, whose agents and clients reach us through a proxy of their own. */
const play = async ({ detector }: World, faults: FaultProxy, pair: Pair): Promise<Row[]> => {
  const { url } = await faults.open(SITE);
  const rule = await GroupRule.start(pair, {
    isSynchronous: true,
    api: detector.api,
    url,
    vantages: undefined,
    decider: { kill: () => faults.switchTo("gone"), restart: () => faults.switchTo("fine") },
    restMs: 0,
  });
  const rows: Row[] = [];
  try {
    for (const [index, story] of storiesOf(faults).entries()) {
      await rule.use(story.lease);
      const first = NUMBERS_PER_STORY * index;
      rows.push(rowOf(story, await playCell(rule, { fault: story.fault, isSynchronous: true, first })));
    }
  } finally {
    await rule.stop();
  }
  return rows;
};

/** The pair of examples/postgresql. It plays beside everything else, from the start; the run asks for its rows at the end. */
export const postgresql: Consumer = {
  name: "postgresql",
  title: "PostgreSQL, two nodes with `parallax agent --group`",
  recommended: true,
  example: "examples/postgresql",
  needs: POSTGRESQL_NEEDS,
  states: [],
  pollMs: 0,
  rounds: 0,
  isLong: true,
  start: async (world) => {
    const { port } = world.detector;
    const faults = new FaultProxy({ host: "127.0.0.1", port });
    const starting = onLoopback(SITE, NETWORK, join(world.dir, SITE)).then((places) => Pair.start(places));
    const rows = starting.then((pair) => play(world, faults, pair));
    rows.catch(() => undefined);
    return {
      version: `PostgreSQL ${versionOf("psql", ["--version"], /\d+\.\d+/)}`,
      observe: async () => ({ did: "" }),
      also: () => rows,
      stop: async () => {
        await starting.then((pair) => pair.stop()).catch(() => undefined);
        await faults.stop();
        await rows.catch(() => undefined);
      },
    };
  },
  expects: () => "",
  isSwitch: () => false,
};
