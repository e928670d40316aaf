import { isPast, type PageState } from "./shown-state.ts";
import { linkTo } from "./links.ts";
import { ShownInstant, Sentences } from "./parts.tsx";
import { agoOf, countOf } from "./plain-words.ts";

const Crumbs = ({ view: { site, target, at } }: Pick<PageState, "view">) => (
  <nav aria-label="Where you are">
    <a href={linkTo({ at })} aria-current={site === null ? "page" : undefined}>
      All sites
    </a>
    {site === null ? null : (
      <>
        {" / "}
        <a href={linkTo({ site, at })} aria-current={target === null ? "page" : undefined}>
          {site}
        </a>
      </>
    )}
    {site === null || target === null ? null : (
      <>
        {" / "}
        <a href={linkTo({ site, target, at })} aria-current="page">
          {target}
        </a>
      </>
    )}
  </nav>
);

/** Whether the vantages can be believed. */
const Vantages = ({ matrix: { vantages } }: Pick<PageState, "matrix">) => {
  const unsound = vantages.filter(({ sound }) => !sound);
  const sound = vantages.length - unsound.length;
  return (
    <div id="vantages">
      <p>
        <span class={`badge ${unsound.length === 0 ? "good" : "unsure"}`}>
          {`${sound} of ${countOf(vantages.length, "vantage")} sound`}
        </span>
      </p>
      <Sentences of={unsound.map(({ id, reason }) => `${id} is not counted: ${reason}`)} kind="reasons" />
    </div>
  );
};

const Health = ({ health }: Pick<PageState, "health">) => {
  const [tone, words] =
    health === null
      ? ["unsure", "the detector’s own health is not known"]
      : health.ok
        ? ["good", "the detector is well"]
        : ["bad", "the detector is in trouble"];
  return (
    <div id="health">
      <p>
        <span class={`badge ${tone}`}>{words}</span>
      </p>
      <Sentences of={[...(health?.reasons ?? []), ...(health?.warnings ?? [])]} kind="reasons" />
    </div>
  );
};

/** The state of the vantages and of the detector itself, and the instant of all that the page shows. */
export const PageHead = ({ state }: { state: PageState }) => (
  <header>
    <div class="title">
      <h1>Parallax</h1>
      <Crumbs view={state.view} />
    </div>
    <div class="condition">
      <Vantages matrix={state.matrix} />
      {isPast(state) ? null : <Health health={state.health} />}
      <p id="as-of">
        {isPast(state) ? "as it was judged at " : "as of "}
        <ShownInstant at={state.matrix.asOf} now={state.now} />
        {state.live === null || isPast(state) ? null : (
          <span class="soft">{` (${agoOf(state.matrix.asOf, state.now)} ago, by ${state.live.by})`}</span>
        )}
      </p>
    </div>
    <Sentences of={state.missing} kind="missing" />
    {state.view.at === null || state.live !== null ? null : (
      <noscript>
        <p class="missing">
          {`This shows what is true now: to show ${state.view.at} it needs a script, which this browser does not run.`}
        </p>
      </noscript>
    )}
    {state.live === null || isPast(state) ? null : (
      <p id="trouble-of-page" role="status" class="missing">
        {state.live.trouble}
      </p>
    )}
  </header>
);
