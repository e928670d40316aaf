/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import type { Called } from "../../client/called.ts";
import { Look } from "../look.tsx";
import type { PageState, ShownVerdict } from "../state.ts";
import { Box } from "./box.tsx";
import { drawn } from "./drawn.ts";

const DrawnLook = drawn(Look);

export interface Cell {
  site: string;
  target: string;
  vantage: string;
}

interface Props extends Cell {
  ask: (cell: Cell) => Promise<Called<ShownVerdict>>;
  state: () => PageState | null;
  close: () => void;
}

/** What one vantage saw last of one target: asked for as it is opened. */
export const CellDialog = ({ ask, state, close, ...cell }: Props) => {
  const [called, setCalled] = useState<Called<ShownVerdict> | null>(null);
  useEffect(() => void ask(cell).then(setCalled), []);
  const now = state();
  return (
    <Box title={`${cell.site}/${cell.target} as seen by ${cell.vantage}`} close={close}>
      {called === null ? <p>Asking…</p> : null}
      {called !== null && called.kind !== "ok" ? <p class="missing">{called.detail}</p> : null}
      {called?.kind === "ok" && now !== null ? (
        <DrawnLook verdict={called.value} vantage={cell.vantage} state={now} />
      ) : null}
    </Box>
  );
};
