/** A record as it would be without some vantages, or with other policies of the targets. */
import type { EvidenceEvent } from "../domain/evidence.ts";
import type { Policy } from "../domain/target.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";

export interface WhatIf {
  /** Ids of vantages to treat as if they had never looked. */
  without: readonly string[];
  /** Replaces these fields of every target's policy. */
  policy: Partial<Policy>;
}

/** Whether nothing differs from what was. */
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

/** The events that turn a memory of what was into one of what would have been: the same vantages and targets registered again, changed. */
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
