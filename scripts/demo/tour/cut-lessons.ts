// Lessons from cut networks.
import type { CutStepName } from "../steps.ts";
import { BROKEN, SOME } from "../steps.ts";
import { nameOf } from "../../../harness/world/world.ts";
import { KEYS } from "../world.ts";
import type { Lesson } from "./lesson.ts";

const { db1, db2, web1 } = KEYS;

export const CUT_LESSONS: Record<CutStepName, Lesson> = {
  partitioned: {
    will: () =>
      `Two vantages, ${SOME.join(" and ")}, lose sight of ${nameOf(db2)}; the others go on seeing it. That is done at the vantages, since to drop real packets would take rights that you may not have here.`,
    look: ({ askOf }) => [askOf(db2, `/up?from=${SOME[0]}`), askOf(db2, "/up?from=weur")],
    why: "Some sound vantages reach it and some do not: the network is cut, and the node is well. /up depends on who asks: 503 for the regions that are cut off, 200 for the others and for who does not say. Whoever has one observer only would have called it dead.",
    tries: ({ commands }) => [
      { what: "From where it is not reached:", command: commands.askOf(db2, "/verdict") },
      {
        what: "The row on the page: letters under two vantages, milliseconds under five.",
        page: commands.page(db2),
      },
    ],
  },
  silent: {
    will: () =>
      `Every vantage loses ${nameOf(db1)} and its witness. ${nameOf(db2)}, at the same site, goes on answering.`,
    look: ({ askOf }) => [askOf(db1, "/verdict"), askOf(db1, "/failover")],
    why: "Nothing of the host answers while its sibling does, so it looks dead. From outside, a host that is dead and one that is alone cut off look the same, and the second may be writing. So the verdict stays unconfirmed and /failover 409. A vantage inside the site could confirm it, or the node's own word (docs/first-hour.md adds both).",
    tries: ({ commands }) => [
      {
        what: 'Read "because", "confirmed", "rule" and "beliefs" in the verdict, and the same on the card:',
        command: commands.askOf(db1, "/verdict"),
      },
      {
        what: "Freeze the group, if you made it: nothing changes in it, whatever dies. A freeze ends by itself, or by the button on its card.",
        command: commands.order("POST", "/v1/groups/db/freeze", { reason: "trying it", ttlMs: 60_000 }),
      },
    ],
  },
  site: {
    will: () => "Every vantage loses the whole site ams, both of its nodes.",
    look: ({ ask }) => [ask("/v1/verdicts?site=ams")],
    why: "All that is watched there has fallen at once, with nothing left that could tell a dead site from one whose uplink is cut. So it is unreachable, scope site, and nobody may be promoted in its place on this alone. On the page it is one card and not two; a webhook would be told once.",
    tries: ({ commands }) => [
      { what: "One card for the site:", page: commands.page({ site: web1.site }) },
      {
        what: "Who serves should ask /avoid before it moves traffic: 200 says leave, and anything unclear is a 409.",
        command: commands.askOf(web1, "/avoid"),
      },
    ],
  },
  vantage: {
    will: () => `The vantage ${BROKEN} hears nothing from any site any more. All nodes are well.`,
    look: ({ ask }) => [ask("/v1/vantages"), ask("/v1/verdicts")],
    why: "One that fails everywhere at once while all others see the same nodes well has a fault of its own. It is called faulty, what it says is shown in grey and not counted, and no verdict moves.",
    tries: ({ commands }) => [
      {
        what: "Who is sound, and the reason where one is not:",
        command: commands.ask("/v1/vantages"),
      },
    ],
  },
  well: {
    will: () => "Every cut ends.",
    look: ({ ask }) => [ask("/v1/verdicts")],
    why: "All is as it was at the beginning. What happened is kept: transitions for long, evidence for about 40 minutes at this pace.",
    tries: ({ commands, stoodAt }) => [
      { what: "All that was published in this hour:", command: commands.ask("/v1/transitions?since=-1h") },
      {
        what: "The page as it was while the site was cut off; go from change to change there.",
        page: commands.page({}, stoodAt.get("site")),
      },
      { what: "And now with nodes of yours: docs/first-hour.md." },
    ],
  },
};
