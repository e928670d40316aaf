/** @jsxImportSource preact */
import type { Called } from "../../client/called.ts";
import { LookDetails } from "../look.tsx";
import type { Evidence, PageState, ShownVerdict } from "../shown-state.ts";
import { Box } from "./box.tsx";
import { drawn } from "./drawn.ts";

const DrawnLook = drawn(LookDetails);

export interface OpenCell {
  site: string;
  target: string;
  vantage: string;
}

interface Props extends OpenCell {
  /** Null until the answer comes. */
  called: Called<ShownVerdict> | null;
  /** What was seen about then, with the details of each look; null until the answer comes, or where there is none. */
  evidence: Evidence | null;
  state: PageState;
  close: () => void;
}

/** What one vantage saw last of one target. */
export const CellDialog = ({ called, evidence, state, close, site, target, vantage }: Props) => (
  <Box title={`${site}/${target} as seen by ${vantage}`} close={close}>
    {called === null ? <p>Asking…</p> : null}
    {called !== null && called.kind !== "ok" ? <p class="missing">{called.detail}</p> : null}
    {called?.kind === "ok" ? (
      <DrawnLook verdict={called.value} vantage={vantage} evidence={evidence} state={state} />
    ) : null}
  </Box>
);
