import type { MatrixAnswer, MatrixTarget, MatrixVantage } from "../domain/matrix.ts";
import { OUTCOMES, readCell, outcomeWords } from "./cell-letters.ts";
import { drawnOf } from "./rows.ts";
import type { PageState } from "./shown-state.ts";
import { Badge, Tag, TargetName } from "./parts.tsx";
import { countOf, MARK_WORDS } from "./plain-words.ts";

/** Runs of adjacent vantages that share one heading. */
const groupsOf = (
  vantages: readonly MatrixVantage[],
): { name: string; size: number; isInside: boolean }[] => {
  const groups: { name: string; size: number; isInside: boolean }[] = [];
  for (const { provider, inside } of vantages) {
    const name = inside === null ? provider : `inside ${inside}`;
    const last = groups.at(-1);
    if (last?.name === name) last.size += 1;
    else groups.push({ name, size: 1, isInside: inside !== null });
  }
  return groups;
};

const Columns = ({ vantages }: { vantages: readonly MatrixVantage[] }) => (
  <thead>
    <tr>
      <td colspan={2} />
      {groupsOf(vantages).map(({ name, size, isInside }) => (
        <th scope="colgroup" colspan={size} class={isInside ? "group inside" : "group"}>
          {name}
        </th>
      ))}
    </tr>
    <tr>
      <th scope="col">target</th>
      <th scope="col">verdict</th>
      {vantages.map(({ id, sound, reason }) => (
        <th
          scope="col"
          class={sound ? "vantage" : "vantage uncounted"}
          title={sound ? undefined : `not counted: ${reason}`}
          data-vantage={id}
        >
          {id}
          {sound ? null : <span class="hidden">, not counted</span>}
        </th>
      ))}
    </tr>
  </thead>
);

/** The tooltip of a cell. The same text is below the table for readers without a pointer. */
const titleOf = (kind: string, outcome: ReturnType<typeof readCell>["outcome"], vantage: MatrixVantage) => {
  if (kind === "ok") return undefined;
  if (kind === "none") return `${vantage.id}: no look that counts`;
  if (kind === "bad") return outcome === null ? undefined : `${vantage.id}: ${outcomeWords(outcome)}`;
  const saw = outcome === null ? "" : `. It saw: ${outcomeWords(outcome)}`;
  return `${vantage.id} is not counted${vantage.reason === "" ? "" : `: ${vantage.reason}`}${saw}`;
};

interface RowProps {
  row: MatrixTarget;
  vantages: readonly MatrixVantage[];
  at: string | null;
  /** Its place in the whole table, from 1. Screen readers need it where rows are left out. */
  index: number;
  /** Whether the arrow keys walk its cells and Enter opens them. */
  isLive: boolean;
}

const Row = ({ row, vantages, at, index, isLive }: RowProps) => (
  <tr data-site={row.site} data-target={row.target} aria-rowindex={index}>
    <th scope="row">
      <TargetName site={row.site} target={row.target} at={at} />
    </th>
    <td class="verdict">
      <Badge verdict={row.verdict} />
      {row.marks.map((mark) => (
        <Tag key={mark}>{MARK_WORDS[mark]}</Tag>
      ))}
    </td>
    {vantages.map((vantage, column) => {
      const { kind, text, outcome } = readCell(row.cells[column] ?? null);
      return (
        <td
          key={vantage.id}
          class={kind}
          title={titleOf(kind, outcome, vantage)}
          tabindex={isLive ? -1 : undefined}
        >
          {text}
        </td>
      );
    })}
  </tr>
);

const Legend = ({ matrix: { vantages } }: { matrix: MatrixAnswer }) => {
  const uncounted = vantages.filter(({ sound }) => !sound);
  return (
    <details class="legend" open={uncounted.length > 0}>
      <summary>What the cells say</summary>
      {uncounted.length === 0 ? null : (
        <>
          <h3>Not counted</h3>
          <ul id="not-counted">
            {uncounted.map(({ id, reason }) => (
              <li>
                <code>{id}</code>
                {`: ${reason}`}
              </li>
            ))}
          </ul>
        </>
      )}
      <dl>
        <div>
          <dt>12</dt>
          <dd>answered after 12 milliseconds</dd>
        </div>
        {Object.values(OUTCOMES).map(({ letter, words }) => (
          <div>
            <dt>{letter}</dt>
            <dd>{words}</dd>
          </div>
        ))}
        <div>
          <dt>–</dt>
          <dd>not counted: the vantage is not sound</dd>
        </div>
        <div>
          <dt>·</dt>
          <dd>no look that counts, or not asked to look</dd>
        </div>
      </dl>
    </details>
  );
};

/** The space of rows that are not drawn. A script sets its height, and only a script leaves rows out. */
const Gap = ({ heightPx, columns }: { heightPx: number; columns: number }) =>
  heightPx === 0 ? null : (
    <tr class="gap" aria-hidden="true">
      <td colspan={columns} style={{ height: `${heightPx}px` }} />
    </tr>
  );

const Filter = ({ filter, count, all }: { filter: string; count: number; all: number }) => (
  <p class="filter">
    <label for="filter">Show rows that hold </label>
    <input
      id="filter"
      type="search"
      value={filter}
      maxlength={100}
      autocomplete="off"
      spellcheck={false}
    />{" "}
    <span id="fitting" role="status">
      {filter === "" ? "" : `${count} of ${countOf(all, "row")}`}
    </span>
  </p>
);

/** Every target by every vantage: what each vantage saw last. */
export const Grid = ({ state }: { state: PageState }) => {
  const { matrix, view, live } = state;
  const { targets, vantages } = matrix;
  if (targets.length === 0) return null;
  const { rows, above, below, abovePx, belowPx, count } = drawnOf(state);
  const columns = vantages.length + 2;
  // Only a script leaves rows out, and it also sets the values that the style needs.
  const isTall = abovePx + belowPx > 0;
  return (
    <section id="matrix" aria-labelledby="matrix-title">
      <h2 id="matrix-title">What each vantage saw last</h2>
      <p class="soft">
        {"A number is an answer in milliseconds, a letter is a failure, grey is not counted."}
        {live === null ? "" : " Arrow keys walk the cells, Enter opens one."}
      </p>
      {live === null ? null : <Filter filter={view.filter} count={count} all={targets.length} />}
      <div
        class={isTall ? "scroll tall" : "scroll"}
        role="region"
        aria-label="The table of targets by vantages"
        tabindex={0}
      >
        <table
          aria-rowcount={count + 2}
          style={isTall ? { "--columns": String(vantages.length) } : undefined}
        >
          <colgroup>
            <col class="named" />
            <col class="named" />
            {vantages.map(({ id }) => (
              <col key={id} />
            ))}
          </colgroup>
          <Columns vantages={vantages} />
          <tbody>
            <Gap heightPx={abovePx} columns={columns} />
            {rows.map((row, index) => (
              <Row
                key={`${row.site}/${row.target}`}
                row={row}
                vantages={vantages}
                at={view.at}
                index={above + index + 3}
                isLive={live !== null}
              />
            ))}
            <Gap heightPx={belowPx} columns={columns} />
          </tbody>
        </table>
      </div>
      {live === null && view.filter !== "" ? (
        <p>{`Rows that hold “${view.filter}”: ${count} of ${targets.length}.`}</p>
      ) : null}
      {live === null && below > 0 ? (
        <p>{`${countOf(below, "target")} more: choose a site to see all of its own.`}</p>
      ) : null}
      <Legend matrix={matrix} />
    </section>
  );
};
