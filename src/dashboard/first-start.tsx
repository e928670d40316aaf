import { shownCommand } from "./commands.ts";
import type { PageState } from "./shown-state.ts";

/** The next step where nothing is configured yet. */
export const FirstStart = ({ state: { origin } }: { state: PageState }) => (
  <section id="first" aria-labelledby="first-title">
    <h2 id="first-title">What to do next</h2>
    <p>
      Name a first target: the address of one node, its site (what shares a network), and, where there is one,
      a second port of the same host as witness. <code>$ADMIN_TOKEN</code> is a token of scope admin.
    </p>
    <pre tabindex={0}>
      {shownCommand({
        origin,
        method: "PUT",
        path: "/v1/sites/fra/targets/db-1",
        body: { url: "https://db-1.example.com/health", witness: "tcp://db-1.example.com:22" },
      })}
    </pre>
    <p>This page shows it as soon as the first vantage has looked at it.</p>
  </section>
);
