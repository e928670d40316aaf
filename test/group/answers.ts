/** Answers of groups in the states that matter to readers. */
import type { GroupAnswer } from "../../src/domain/group.ts";
import { groupAnswer } from "../../src/group/group-answer.ts";
import { configOf, Course, DEAD, LOST, nameAt, viewOf } from "./made.ts";

/** The instant of every answer, epoch milliseconds. */
export const AT = 600_000;

const answerOf = (course: Course, changes: Partial<GroupAnswer> = {}): GroupAnswer => {
  const answer = groupAnswer({ ...course.state, at: AT });
  if (answer === null) throw new Error("there is no such group");
  return { ...answer, ...changes };
};

/** Three members that serve. */
const begun = (mode: "pool" | "leader", policy: object = {}): Course => {
  const course = new Course(configOf(mode, 3, policy));
  course.sees(0, viewOf(0, 0), viewOf(1, 0), viewOf(2, 0));
  return course;
};

const see = (course: Course, ...fallen: (object | null)[]): Course => {
  course.sees(AT, ...[0, 1, 2].map((index) => viewOf(index, AT, fallen[index] ?? {})));
  return course;
};

export const wellPool = (changes: Partial<GroupAnswer> = {}) => answerOf(see(begun("pool")), changes);

/** One of three members is out. */
export const poolWithOneOut = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("pool"), DEAD), changes);

/** Two of three members fell, and one of the two stays in. */
export const poolAtItsLimit = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("pool"), DEAD, DEAD), changes);

/** No vantage reaches the leader, and it is not known whether the leader is dead. */
export const withheldLeader = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("leader"), LOST), changes);

/** A leader that is well, in a group that an operator froze. */
export const frozenLeader = (changes: Partial<GroupAnswer> = {}) => {
  const course = see(begun("leader"));
  course.happens(AT, { kind: "freeze", reason: "a migration", until: AT + 3_600_000, by: "ops-anna" });
  return answerOf(course, changes);
};

/** A strict group in which no member has asked for the lease. */
export const leaderless = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("leader", { lease: "strict" })), changes);

/** A planned change whose old leader has not stopped yet. */
export const switchingLeader = (changes: Partial<GroupAnswer> = {}) => {
  const course = see(begun("leader"));
  for (const index of [0, 1]) course.asks(AT, index);
  course.happens(AT, { kind: "switch", to: nameAt(1), reason: "a new kernel", by: "ops-anna" });
  return answerOf(course, changes);
};
