/** What can befall the world, from an instant to another; epoch milliseconds. */
interface Span {
  from: number;
  to: number;
}

export type TargetFault = Span & { on: "target"; key: string } & (
    | { state: "crashed" }
    /** `isProxied`: a proxy in front accepts for the dead and answers with an error of its own. */
    | { state: "dead"; isProxied?: boolean }
    /** The kernel accepts for the frozen process until its backlog is full; others than us fill it too. */
    | { state: "hung"; backlogFullAt: number }
    /** So many of the answers are wrong, broken off or do not come. */
    | { state: "gray"; share: number }
    | { state: "nameless" }
    /** Nothing from outside its site reaches it, though it runs. */
    | { state: "cut" }
    /** Something in front refuses for it, `distance` of the way there. */
    | { state: "shielded"; distance: number }
    /** Its answers take so long. */
    | { state: "slow"; answerMs: number }
    /** It accepts, and answers all it has accepted once the pause is over. */
    | { state: "paused" }
    /** At its limit of connections: it accepts this share of them only to reset them at once. */
    | { state: "full"; share: number }
    /** Several nodes behind one address, of which each probe meets one; `up` is one that serves. */
    | { state: "mixed"; parts: readonly Backend[] }
  );

/** What one of several nodes behind an address does. */
export type Backend = "up" | "refuses" | "silent" | "holds" | "wrong";

/** What befalls the second port of a target's host alone: a firewall drops or rejects what is for it. */
export type WitnessFault = Span & { on: "witness"; key: string; state: "dropped" | "rejected" };

export type SiteFault = Span & { on: "site"; site: string } & (
    | { state: "cut"; wordsPass: boolean }
    | { state: "dead" }
    | { state: "shielded"; distance: number }
    | { state: "slow"; factor: number }
  );

export type PathFault = Span & {
  on: "path";
  place: string;
  site: string;
  /** The one target of the site it befalls; all of them where absent. */
  key?: string;
  /** Share of packets lost on top of all else; 1 is a cut. */
  loss: number;
  way: "both" | "there" | "back";
};

export type PlaceFault = Span & { on: "place"; place: string } & (
    | { state: "down" }
    /** Everything it sends is lost, to controls as well; its reports arrive. */
    | { state: "broken" }
    /** It works, and its collector does not hear it. */
    | { state: "mute" }
    | { state: "slow"; factor: number }
    | { state: "lossy"; share: number }
    /** Its reports take so much longer to their collector. */
    | { state: "late"; byMs: number }
    /** No control answers it, while all else does. */
    | { state: "uncontrolled" }
    /** It reports this share of its looks as answered, whatever their outcome. */
    | { state: "lying"; share: number }
    /** It reaches this site by a path of its own, which nothing befalls. */
    | { state: "private"; site: string }
  );

/** The collector of reports stands still: reports that are sent to it wait, and it takes them at the end. */
export type CollectorFault = Span & { on: "collector"; state: "paused" };

export type Fault = TargetFault | WitnessFault | SiteFault | PathFault | PlaceFault | CollectorFault;

/** The faults of one kind by the entities that they hit. */
export const faultsBy = <F extends Fault>(
  faults: readonly F[],
  nameOf: (fault: F) => string,
): Map<string, F[]> => Map.groupBy(faults, nameOf);

/** The first of the faults that holds at `at`. */
export const holdingAt = <F extends Fault>(faults: readonly F[] | undefined, at: number): F | undefined => {
  if (faults !== undefined) for (const fault of faults) if (fault.from <= at && at < fault.to) return fault;
  return undefined;
};
