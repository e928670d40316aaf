/** The faults that are applied to the register in a round, and undone after it. */
import { type Fault as Undoable, filterOn } from "../lab/fault.ts";
import { addressOf, DETECTOR } from "../lab/topology.ts";
import { GROUP } from "./member.ts";
import { type Fault, type From, type Member, MEMBERS } from "./plan.ts";
import { type RegisterWorld, STORE } from "./world.ts";

const cutFrom = (victim: Member, from: From): Undoable => {
  if (from === "all")
    return filterOn(victim, { input: ['iifname != "lo" drop'], output: ['oifname != "lo" drop'] });
  const addresses = {
    detector: [addressOf(DETECTOR)],
    store: [addressOf(STORE)],
    members: MEMBERS.filter((member) => member !== victim).map(addressOf),
  }[from];
  return filterOn(victim, {
    input: addresses.map((address) => `ip saddr ${address} drop`),
    output: addresses.map((address) => `ip daddr ${address} drop`),
  });
};

const freezing = (freeze: () => Promise<() => void>): Undoable => {
  let thaw: (() => void) | undefined;
  return {
    apply: async () => {
      thaw = await freeze();
    },
    undo: async () => thaw?.(),
  };
};

const stepDetector = async ({ detector }: RegisterWorld, shiftMs: number): Promise<void> => {
  const { status } = await detector.api.ask(`/stepped?shiftMs=${shiftMs}`);
  if (status !== 204) throw new Error(`the detector's clock was not set: ${status}`);
};

/** The fault on this victim, to be applied and undone. */
export const stage = (world: RegisterWorld, fault: Fault, victim: Member): Undoable => {
  const { detector, members } = world;
  const member = members.get(victim);
  if (member === undefined) throw new Error(`no member ${victim}`);
  switch (fault.kind) {
    case "cut":
      return cutFrom(victim, fault.from);
    case "kill":
      return { apply: () => member.kill(fault.part), undo: async () => member.revive() };
    case "freeze":
      return freezing(() => member.freeze(fault.part));
    case "clock":
      return fault.of === "agent"
        ? { apply: () => member.shiftClock(fault.shiftMs), undo: () => member.shiftClock(0) }
        : { apply: () => stepDetector(world, fault.shiftMs), undo: () => stepDetector(world, 0) };
    case "switch": {
      const deaf = fault.while === "cut" ? cutFrom(victim, "detector") : freezing(() => member.freeze("all"));
      return {
        apply: async () => {
          await deaf.apply();
          await detector.api.ask(`/v1/groups/${GROUP}/switch`, {
            method: "POST",
            body: { reason: "another is to lead" },
          });
        },
        undo: () => deaf.undo(),
      };
    }
    case "detector":
      return fault.how === "killed"
        ? { apply: () => detector.kill(), undo: () => detector.restart() }
        : { apply: async () => detector.freeze(), undo: async () => detector.thaw() };
  }
};
