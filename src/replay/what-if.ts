/** A record as it would be had some vantages not been there, or had the targets' policies been others. */
import type { EvidenceEvent } from "../domain/evidence.ts";
import type { Policy } from "../domain/target.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";

export interface WhatIf {
  /** Ids of vantages that had never looked. */
  without: readonly string[];
  /** What stands in every target's policy in the place of what was set. */
  policy: Partial<Policy>;
}

/** Whether nothing is otherwise than it was. */
export const isAsItWas = ({ without, policy }: WhatIf): boolean =>
  without.length === 0 && Object.keys(policy).length === 0;

type TargetEvent = Extract<EvidenceEvent, { kind: "target" }>;

const retold = (event: TargetEvent, { without, policy }: WhatIf): TargetEvent => ({
  ...event,
  target: {
    ...event.target,
    vantages: event.target.vantages.filter((id) => !without.includes(id)),
    policy: { ...event.target.policy, ...policy },
  },
});

/** The events of one judgement as they would have been. */
export const changed = (events: readonly EvidenceEvent[], whatIf: WhatIf): EvidenceEvent[] =>
  events.flatMap((event): EvidenceEvent[] => {
    switch (event.kind) {
      case "report":
        return whatIf.without.includes(event.report.vantage) ? [] : [event];
      case "roster":
        return [{ ...event, vantages: event.vantages.filter(({ id }) => !whatIf.without.includes(id)) }];
      case "target":
        return [retold(event, whatIf)];
      default:
        return [event];
    }
  });

/** What brings a memory of what was to what would have been: the same vantages and targets told again, as they would have been. */
export const amendments = ({ vantages, targets }: ShardState, whatIf: WhatIf): EvidenceEvent[] =>
  changed(
    [
      { kind: "roster", vantages: [...vantages.values()].map(({ vantage }) => vantage) },
      ...[...targets.values()].map(({ target, url, version }): EvidenceEvent => ({
        kind: "target",
        target,
        url,
        version,
      })),
    ],
    whatIf,
  );
