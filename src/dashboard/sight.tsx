import type { PageState, ShownVerdict } from "./shown-state.ts";
import { outcomeWords } from "./cell-letters.ts";
import { ShownInstant } from "./parts.tsx";

const STAGES: Record<ShownVerdict["evidence"][number]["stage"], string> = {
  connect: "while connecting",
  tls: "while securing the connection",
  response: "waiting for the answer",
  body: "reading the answer",
  done: "to the end",
  unknown: "how far it came is not known",
};

/** What each vantage saw last of one target, with all details of its look. */
export const Sight = ({ verdict, state }: { verdict: ShownVerdict; state: PageState }) => (
  <section id="sight" aria-labelledby="sight-title">
    <h2 id="sight-title">The newest look of each vantage</h2>
    <div class="scroll" role="region" aria-label="The table of newest looks" tabindex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">vantage</th>
            <th scope="col">began</th>
            <th scope="col">outcome</th>
            <th scope="col">came</th>
            <th scope="col">took</th>
            <th scope="col">what exactly</th>
          </tr>
        </thead>
        <tbody>
          {verdict.evidence.map(({ vantage, at, outcome, stage, totalMs, detail, address }) => (
            <tr data-vantage={vantage}>
              <th scope="row">{vantage}</th>
              <td>
                <ShownInstant at={at} now={state.now} />
              </td>
              <td class={outcome === "ok" ? "ok" : "bad"}>{outcomeWords(outcome)}</td>
              <td>{STAGES[stage]}</td>
              <td>{`${totalMs} ms`}</td>
              <td>
                <code>{[detail, address].filter((part) => part !== undefined).join(" at ")}</code>
              </td>
            </tr>
          ))}
          {verdict.notCounted.map(({ vantage, reason }) => (
            <tr data-vantage={vantage} class="uncounted">
              <th scope="row">{vantage}</th>
              <td colspan={5}>{`not counted: ${reason}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);
