import { Card } from "./card.tsx";
import { Changes } from "./changes.tsx";
import { FirstStart } from "./first-start.tsx";
import { GroupCards } from "./groups.tsx";
import { Grid } from "./grid.tsx";
import { PageHead } from "./head.tsx";
import { LanesPart } from "./lanes-part.tsx";
import { PastBar } from "./past-bar.tsx";
import { Sight } from "./sight.tsx";
import type { PageState } from "./shown-state.ts";
import { TroubleBox } from "./trouble.tsx";

/** The card, the lanes and the looks of the one target in view. */
const One = ({ state }: { state: PageState }) => {
  const { site, target } = state.view;
  const verdict = state.verdicts.find((one) => one.site === site && one.target === target);
  if (verdict === undefined) return null;
  return (
    <>
      <section id="target" aria-labelledby="target-title">
        <h2 id="target-title">{`${verdict.site}/${verdict.target}`}</h2>
        <Card verdict={verdict} state={state} />
      </section>
      <LanesPart state={state} />
      <Sight verdict={verdict} state={state} />
    </>
  );
};

/** The content of the body. */
export const Page = ({ state }: { state: PageState }) => (
  <>
    <a class="skip" href="#main">
      Skip to what is in trouble
    </a>
    <PageHead state={state} />
    {state.past === undefined ? null : <PastBar past={state.past} />}
    <main id="main" tabindex={-1}>
      {state.view.target === null ? <TroubleBox state={state} /> : <One state={state} />}
      <GroupCards state={state} />
      {state.matrix.targets.length === 0 && state.missing.length === 0 ? <FirstStart state={state} /> : null}
      {state.view.target === null ? <Grid state={state} /> : null}
      <Changes state={state} />
    </main>
    <footer>
      <p>
        {"Times are UTC, by the detector’s clock. Every part of this page is a call: "}
        <a href="/docs">the HTTP API</a>.
      </p>
    </footer>
  </>
);
