// Lessons from faults of real processes.
import type { ProcessStepName } from "../steps.ts";
import { nameOf, TIMES } from "../../../harness/world/world.ts";
import { KEYS } from "../world.ts";
import { pathOf } from "../../detector-api.ts";
import type { Lesson } from "./lesson.ts";

const { db1, db2, web1, web2 } = KEYS;
const GROUP = "/v1/groups/db";
/** How long a reader's trial lasts at most: the tour undoes it before the next step anyway. */
const TRIED_MS = 3_600_000;
const REHEARSED_MS = 20_000;

export const PROCESS_LESSONS: Record<ProcessStepName, Lesson> = {
  healthy: {
    will: () =>
      `Nothing is broken yet. Four processes answer, two at each of two sites, and every vantage looks at each of them every ${TIMES.intervalMs / 1_000} s.`,
    look: ({ askOf }) => [askOf(db1, "/verdict"), askOf(db1, "/up")],
    why: "A quorum of the vantages got the answer that was expected. /up says 200: traffic may go there. /failover says 409: no successor may take its place. They are two questions, because a node that is of no use to clients may still be writing.",
    tries: ({ commands }) => [
      {
        what: "On the page: Tab to the table, move by arrows, press Enter. A cell opens what that vantage saw, how far it came and how long it took.",
      },
      {
        what: `Make a group of ${nameOf(db1)} and ${nameOf(db2)}, of which one leads, and keep it: it will have something to do in the next step.`,
        command: commands.order("PUT", GROUP, {
          mode: "leader",
          members: [
            { ...db1, priority: 1 },
            { ...db2, priority: 2 },
          ],
          policy: { holdDownMs: 0 },
        }),
      },
      { what: "Who leads it, and in which epoch:", command: commands.ask(`${GROUP}/leader`) },
    ],
  },
  killed: {
    will: ({ nodes }) =>
      `The process behind ${nameOf(db1)}, pid ${nodes.db1.pid}, gets SIGKILL. Its host lives on: a second port of it, the witness, is another process and goes on answering.`,
    look: ({ askOf }) => [askOf(db1, "/verdict"), askOf(db1, "/failover")],
    why: "Every vantage is refused at once, so somebody is there who refuses: the host is up and the process is not. From outside a refusal could be a firewall's, therefore the witness counts: it has answered since, which is a second kind of evidence. With it the crash is confirmed, and only then does /failover say 200. (A target waits ten seconds more unless it is told otherwise, for a supervisor may start the process again.)",
    tries: ({ commands }) => [
      {
        what: "Hold it: no successor, whatever is found. The card on the page has a button for the same. (The token is local-admin.)",
        command: commands.order("PUT", `${pathOf(db1)}/override`, {
          advice: { failover: false },
          reason: "I am looking at it",
          ttlMs: TRIED_MS,
        }),
      },
      { what: "/failover says 409 now, and whose word that is:", command: commands.askOf(db1, "/failover") },
      { what: "Take the word back:", command: commands.order("DELETE", `${pathOf(db1)}/override`) },
      {
        what: `If you made the group: ${nameOf(db2)} leads it since the crash was confirmed, in a higher epoch. Whoever kept the old epoch is to be refused by what is written to.`,
        command: commands.ask(`${GROUP}/leader`),
      },
    ],
  },
  revived: {
    will: () => `A new process takes the port of ${nameOf(db1)}, as a supervisor would have it.`,
    look: ({ askOf }) => [askOf(db1, "/failover"), askOf(db1, "/verdict")],
    why: "One sound answer is enough to take the advice back: a node that answers must not be replaced. It is alive again once enough vantages have seen it so.",
    tries: ({ commands, stoodAt }) => [
      {
        what: "Go back to the crash. The page judges the evidence of that instant again, in your browser; tick a vantage, and see what would have been judged without it.",
        page: commands.page(db1, stoodAt.get("killed")),
      },
      {
        what: "The same from the command line: each verdict made again from what was seen, and compared with what was published.",
        command: commands.program("replay fra/db-1 --since 5m"),
      },
      {
        what: "If you made the group: it does not go back by itself. Who leads goes on leading.",
        command: commands.ask(`${GROUP}/leader`),
      },
    ],
  },
  frozen: {
    will: ({ nodes }) =>
      `The process behind ${nameOf(web1)}, pid ${nodes.web1.pid}, gets SIGSTOP: it stands still in the middle of whatever it does, as one that waits for a dead disk.`,
    look: ({ askOf }) => [askOf(web1, "/verdict"), askOf(web1, "/failover")],
    why: "The kernel goes on taking connections for it, and nothing ever answers on them. So the host lives, the port is open, and the process hangs. Traffic is told to leave. Failover is not advised: it may wake up in the next second and go on writing, with nobody to tell it that it was replaced.",
    tries: ({ commands, now }) => [
      {
        what: "Mute it, so that nobody is woken. A mute is for people: what automation is told stays the same.",
        command: commands.order("PUT", "/v1/mutes/tour", {
          ...web1,
          until: new Date(now.getTime() + TRIED_MS).toISOString(),
          reason: "I froze it myself",
        }),
      },
      { what: "Still 503, mute or not:", command: commands.askOf(web1, "/up") },
    ],
  },
  thawed: {
    will: ({ nodes }) => `The same process, pid ${nodes.web1.pid}, gets SIGCONT and goes on where it stood.`,
    look: ({ askOf }) => [askOf(web1, "/verdict")],
    why: "It answers again. Nothing of it was replaced, and nothing has to be put back: that is what the caution was for.",
    tries: ({ commands }) => [
      {
        what: "What was published of it, and what automation was told each time:",
        command: commands.askOf(web1, "/history"),
      },
    ],
  },
  failing: {
    will: () => `${nameOf(web2)} answers every request at once, and with status 500.`,
    look: ({ askOf }) => [askOf(web2, "/verdict"), askOf(web2, "/up")],
    why: "The process runs, takes connections and speaks HTTP. It is neither dead nor hung: it is wrong. That is called gray. Since no sound vantage gets a good answer, traffic is told to leave.",
    tries: ({ commands }) => [
      {
        what: "Open its own page: the last hour on one axis, a lane for each vantage, its witness, and the verdict that was held.",
        page: commands.page(web2),
      },
    ],
  },
  answering: {
    will: () => `${nameOf(web2)} answers 200 again.`,
    look: ({ askOf }) => [askOf(web2, "/verdict")],
    why: "Good answers from enough vantages, for long enough that a single lucky one does not count.",
    tries: ({ commands }) => [
      {
        what: `Rehearse a crash. For ${REHEARSED_MS / 1_000} s every vantage acts as if ${nameOf(web2)} refused it. The whole chain reacts, and nothing is advised.`,
        command: commands.order("POST", "/v1/drills", {
          ...web2,
          fault: "refuse",
          durationMs: REHEARSED_MS,
        }),
      },
      {
        what: "In a few seconds it says process_crashed, and names the drill; /failover goes on saying 409.",
        command: commands.askOf(web2, "/verdict"),
      },
    ],
  },
};
