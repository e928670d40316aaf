/** Answers of groups in the states that people look for. */
import type { GroupAnswer } from "../../src/domain/group.ts";
import { groupAnswer } from "../../src/group/group-answer.ts";
import { configOf, Course, DEAD, LOST, nameAt, viewOf } from "./made.ts";

/** When all of it is asked for, epoch milliseconds. */
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

/** Of three one is out. */
export const poolWithOneOut = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("pool"), DEAD), changes);

/** Two of three fell, and one of them stays. */
export const poolAtItsLimit = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("pool"), DEAD, DEAD), changes);

/** Nobody reaches its leader, and whether it is dead nobody knows. */
export const withheldLeader = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("leader"), LOST), changes);

/** A leader that is well, in a group that somebody froze. */
export const frozenLeader = (changes: Partial<GroupAnswer> = {}) => {
  const course = see(begun("leader"));
  course.happens(AT, { kind: "freeze", reason: "a migration", until: AT + 3_600_000, by: "ops-anna" });
  return answerOf(course, changes);
};

/** Nobody has asked for the lease of a strict group. */
export const leaderless = (changes: Partial<GroupAnswer> = {}) =>
  answerOf(see(begun("leader", { lease: "strict" })), changes);

/** A planned change whose old leader has not stopped yet. */
export const switchingLeader = (changes: Partial<GroupAnswer> = {}) => {
  const course = see(begun("leader"));
  for (const index of [0, 1]) course.asks(AT, index);
  course.happens(AT, { kind: "switch", to: nameAt(1), reason: "a new kernel", by: "ops-anna" });
  return answerOf(course, changes);
};
