import { describe, expect, it } from "vitest";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import * as because from "../../../src/verdict/naming/because.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { factsOfVotes, notice, NOW, type Observed, targetState, vote, votes } from "../made.ts";

const facts = (counted: Vote[], part: Partial<Observed> = {}): Observed => factsOfVotes(counted, part);
const SILENT = votes(6, "silent");
const REFUSED = votes(6, "refused");
const LIVING = facts([...votes(2, "silent"), ...votes(5, "ok", 2)]);
const HEALTH = { looked: 40, wrong: 4, amiss: 3, amissAt: 0, silent: 9, silentFrom: 3 };

describe("what the vantages saw, in words", () => {
  it.each<[string, Observed, string]>([
    ["one kind", facts(SILENT), "6 of 7 sound vantages got no answer"],
    [
      "the most of them first",
      facts([...votes(1, "hung"), ...votes(5, "refused", 1)]),
      "5 of 7 sound vantages were refused by the host, 1 were accepted and never answered",
    ],
    [
      "three kinds, and no answers among them",
      facts([
        ...votes(3, "silent"),
        ...votes(2, "wrong", 3),
        ...votes(1, "rejected", 5),
        ...votes(1, "ok", 6),
      ]),
      "3 of 7 sound vantages got no answer, 2 got a wrong or broken answer, 1 were refused by something nearer than the host",
    ],
    [
      "one vantage of one",
      facts(votes(1, "silent"), { soundCount: 1 }),
      "1 of 1 sound vantage got no answer",
    ],
  ])("are %s", (_name, seen, words) => {
    expect(because.rejected(seen)).toBe(`${words}: nothing tells what became of the node`);
  });

  it("carry the detail that was given most often", () => {
    const details = ["status 503", "status 500", "status 500"];
    const wrong = details.map((detail, index) => vote("abc"[index] ?? "", "wrong", NOW - 1_000, { detail }));
    expect(because.wrongEverywhere(facts(wrong))).toBe(
      "3 of 7 sound vantages got a wrong or broken answer (status 500)",
    );
  });
});

describe("a sentence", () => {
  it.each<[string, string, string]>([
    [
      "that nobody looks",
      because.nothingFresh(facts([], { soundCount: 0 })),
      "no sound vantage is looking at it",
    ],
    ["that nothing is fresh", because.nothingFresh(facts([])), "none of 7 sound vantages has fresh evidence"],
    ["of a pause", because.paused(), "paused by its operator: nobody looks at it"],
    [
      "of our own fault",
      because.frozen("3 of 4 targets in 2 sites"),
      "3 of 4 targets in 2 sites fell silent at once and no site explains it: the detector suspects itself and freezes its advice",
    ],
    [
      "that too few tell",
      because.tooFew(facts(votes(2, "silent")), TUNING),
      "2 of 7 sound vantages got no answer, too few to tell: 5 must agree",
    ],
    [
      "that none tells",
      because.tooFew(facts([], { soundCount: 3 }), TUNING),
      "no vantage has looked since the last answer, too few to tell: 3 must agree",
    ],
    ["of a good target", because.good(LIVING), "5 of 7 sound vantages got the expected answer"],
    [
      "of one that recovers",
      because.recovering(LIVING),
      "5 of 7 sound vantages got the expected answer again: settling",
    ],
    [
      "of a cut to two",
      because.partitioned(LIVING, ["a", "b"]),
      "2 of 7 sound vantages (a, b) get no answer, 5 others do: the network between is cut",
    ],
    [
      "of a cut to one",
      because.partitioned(LIVING, ["a"]),
      "1 of 7 sound vantages (a) gets no answer, 5 others do: the network between is cut",
    ],
  ])("says %s", (_name, sentence, expected) => {
    expect(sentence).toBe(expected);
  });

  it.each<[string, string, string]>([
    [
      "refusals with the siblings",
      because.refusedTogether(facts(REFUSED, { siblings: 5 }), 3),
      "6 of 7 sound vantages were refused by the host, and so do 3 of the 5 other targets of the site: something in front of them refuses",
    ],
    [
      "refusals with the witness",
      because.refusedWithWitness(facts(REFUSED)),
      "6 of 7 sound vantages were refused by the host, and so was its witness, which had answered: something refuses for the whole host",
    ],
    [
      "a hang",
      because.hung(facts(votes(6, "hung"))),
      "6 of 7 sound vantages were accepted and never answered: the process holds its port and does not answer",
    ],
    [
      "a witness that answers",
      because.witnessAnswers(facts(SILENT)),
      "6 of 7 sound vantages got no answer while its witness on the same host answers",
    ],
    [
      "no agreement",
      because.mixed(facts([...votes(3, "silent"), ...votes(3, "wrong", 3)])),
      "3 of 7 sound vantages got no answer, 3 got a wrong or broken answer: they do not agree on how it fails",
    ],
    [
      "a sign of life",
      because.isolated(facts(SILENT, { signOfLife: "its heartbeats arrive" })),
      "6 of 7 sound vantages got no answer, yet its heartbeats arrive",
    ],
    [
      "wrong answers now and then",
      because.sometimesWrong(LIVING, HEALTH),
      "4 of the last 40 probes failed, 5 of 7 sound vantages got an expected answer last",
    ],
    [
      "loss",
      because.lossy(HEALTH),
      "9 of the last 40 probes got no answer, from 3 vantages, and none is cut off for long",
    ],
  ])("tells %s", (_name, sentence, expected) => {
    expect(sentence).toBe(expected);
  });

  const END = ". From outside a dead host and a host cut off alone look the same";
  it.each<[string, string, string]>([
    [
      "a death from outside",
      because.dead(facts(SILENT, { sibling: "fra/db-2" })),
      `; fra/db-2 answered them${END}`,
    ],
    [
      "a death from inside",
      because.dead(facts(SILENT, { sibling: "fra/db-2", insideMisses: true })),
      ", an inside vantage neither; fra/db-2 answered them",
    ],
    [
      "a death that a heartbeat may deny",
      because.heartbeatDue(facts(SILENT, { sibling: "fra/db-2" })),
      "; fra/db-2 answered them, and its next heartbeat, which would show that it lives, is not due yet",
    ],
    ["nobody served", because.unserved(facts(SILENT)), ", and nobody is served: nothing tells why"],
    [
      "a silent site, itself counted",
      because.siteSilent(facts(SILENT, { siblings: 3 }), 3),
      ", and none of the 4 targets of the site answers: nothing tells death from isolation",
    ],
    [
      "a site of which not all has been looked at",
      because.siteSilent(facts(SILENT, { siblings: 3 }), 2),
      ", and of its site nothing has been answered since: nothing tells death from isolation",
    ],
    [
      "silence without siblings",
      because.silentAlone(facts(SILENT)),
      ", and it has no sibling in its site: nothing tells death from isolation",
    ],
    [
      "silence that siblings do not tell of",
      because.silentAlone(facts(SILENT, { siblings: 1 })),
      ", and its siblings do not tell: nothing tells death from isolation",
    ],
  ])("of silence tells %s", (_name, sentence, rest) => {
    expect(sentence).toBe(`6 of 7 sound vantages got no answer${rest}`);
  });

  const told = (part: Parameters<typeof notice>[1], kind: "crash" | "stop" | "start" = "crash"): string =>
    because.crashed(facts(REFUSED), targetState({ notice: notice(kind, part) }));
  const CRASHED =
    "6 of 7 sound vantages were refused by the host: the host answers, the process does not listen";
  it.each<[string, string, string]>([
    ["nothing, where none spoke", because.crashed(facts(REFUSED), targetState()), ""],
    ["that it crashed", told({}), ", and its supervisor says that it crashed"],
    [
      "that it is started again",
      told({ restarting: true }),
      ", and its supervisor says that it crashed and is started again",
    ],
    ["that it was stopped", told({}, "stop"), ", and its supervisor says that it was stopped in order"],
    ["nothing, once it was contradicted", told({ contradictedAt: NOW }), ""],
    ["nothing of a start", told({}, "start"), ""],
  ])("of a crash tells what its supervisor said: %s", (_name, sentence, rest) => {
    expect(sentence).toBe(`${CRASHED}${rest}`);
  });

  it("of a notice that was contradicted tells which and by whom", () => {
    const state = targetState({ notice: notice("stop", { bootId: "boot-7" }) });
    expect(because.contradicted(LIVING, state)).toBe(
      "the notice that its process exited (stop, boot boot-7) is contradicted: 5 of 7 sound vantages got the expected answer since",
    );
  });

  it.each<[string, Observed, string]>([
    ["all that counts is told", LIVING, "5 of 7 sound vantages reached it, 2 got no answer; waiting: a look"],
    ["that nothing does", facts([]), "no sound vantage has fresh evidence; waiting: a look"],
  ])("of a wait tells what is seen now: %s", (_name, seen, sentence) => {
    expect(because.awaiting(seen, "a look")).toBe(sentence);
  });

  const SAID = "2 of 7 sound vantages got no answer, 1 were refused by the host: the rest";
  const WRONG = "4 of the last 40 probes failed, 6 of 7 sound vantages got an expected answer last";
  it.each<[string, string, string, Observed, string]>([
    ["who is answered of what is good", "good", "x", LIVING, "5 of 7 sound vantages got the expected answer"],
    [
      "who is cut off of a partition",
      "partitioned",
      "x",
      LIVING,
      "1 of 7 sound vantages (a) gets no answer, 5 others do: the network between is cut",
    ],
    ["who fails of what failed", "dead", SAID, LIVING, "2 of 7 sound vantages got no answer: the rest"],
    ["who failed then, where nobody does now", "dead", SAID, facts([]), SAID],
    [
      "who was answered last",
      "sometimes-wrong",
      WRONG,
      LIVING,
      "4 of the last 40 probes failed, 5 of 7 sound vantages got an expected answer last",
    ],
    ["nothing of what has no count", "paused", because.paused(), LIVING, because.paused()],
  ])("that was said counts anew %s", (_name, rule, sentence, seen, expected) => {
    expect(because.recounted({ rule, because: sentence }, seen, ["a"])).toBe(expected);
  });
});
