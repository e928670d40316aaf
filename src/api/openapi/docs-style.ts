/** The whole style of `/docs`: the page loads nothing from other hosts, and no script runs. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2127; --paper: #fff; --soft: #5b6672; --line: #d9dee3; --block: #f4f6f8;
  --get: #0b6b3a; --post: #1b4f9c; --put: #7a4b00; --delete: #a11d1d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e8ec; --paper: #14181c; --soft: #9aa6b2; --line: #313a43; --block: #1d2329;
    --get: #5fd08d; --post: #82b1ff; --put: #e2b65c; --delete: #ff8a80;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main, header { max-width: 56rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0; }
a { color: inherit; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--block); padding: 0.75rem; overflow-x: auto; margin: 0.5rem 0; border-radius: 4px; }
nav ul { columns: 18rem; padding-left: 0; list-style: none; margin: 0.25rem 0 1rem; }
nav li { break-inside: avoid; }
article { border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem; margin: 1rem 0; }
details { margin-top: 0.5rem; }
summary { cursor: pointer; }
dl { margin: 0.5rem 0; }
dt { margin-top: 0.4rem; }
dd { margin: 0 0 0 1rem; color: var(--soft); }
.method { font-weight: 700; text-transform: uppercase; }
.get, .head, .options { color: var(--get); }
.post { color: var(--post); }
.put { color: var(--put); }
.delete { color: var(--delete); }
.soft { color: var(--soft); }
`;
