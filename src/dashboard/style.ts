import { DARK, LIGHT, type Palette } from "./palette.ts";

const colours = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");

/** The whole style of the page: it loads nothing from other hosts, and the document itself contains no style. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; ${colours(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${colours(DARK)} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; padding: 0.75rem clamp(0.75rem, 2vw, 2.5rem) 3rem; max-width: 160rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere;
}
@media (min-width: 160rem) { html { font-size: 125%; } body { margin-inline: auto; } }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
h1 { font-size: 1.25rem; }
h2 { font-size: 1.2rem; margin-top: 1.75rem; margin-bottom: 0.5rem; }
h3 { font-size: 1.05rem; }
h4 { font-size: 1rem; }
p, ul, ol, dl { margin: 0.35rem 0; }
ul, ol { padding-left: 1.2rem; }
a { color: var(--link); }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, pre, td, time { font-family: ui-monospace, monospace; font-size: 0.925em; }
pre { background: var(--block); border: 1px solid var(--line); border-radius: 4px; padding: 0.6rem; overflow-x: auto; overflow-wrap: normal; }
:is(dialog, .doing) pre { white-space: pre-wrap; overflow-wrap: anywhere; }
button, input, select { font: inherit; color: inherit; }
.skip { position: absolute; left: -200vw; }
.skip:focus { left: 0.5rem; top: 0.5rem; background: var(--paper); padding: 0.5rem; z-index: 2; }
.hidden, #past > h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft, time { color: var(--soft); }
header { border-bottom: 1px solid var(--line); padding-bottom: 0.5rem; }
.title, .condition { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.25rem; }
.condition p { margin: 0.25rem 0; }
.missing, .reasons, .warnings { color: var(--unsure); }
.missing { font-weight: 600; }
.badge { font-weight: 600; white-space: nowrap; }
.badge::before { content: ""; display: inline-block; width: 0.6em; height: 0.6em; border-radius: 50%; margin-right: 0.35em; background: currentColor; }
.bad.badge::before { border-radius: 0; }
.unsure.badge::before { border-radius: 0; transform: rotate(45deg) scale(0.85); }
.good { color: var(--good); }
.bad, .yes { color: var(--bad); }
.unsure { color: var(--unsure); }
.tag { border: 1px solid currentColor; border-radius: 3px; padding: 0 0.3em; margin-left: 0.35em; font-size: 0.85em; font-weight: 600; white-space: nowrap; }
.cards { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); }
.card { border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; padding: 0.6rem 0.9rem; background: var(--block); min-width: 0; }
.card:has(> h3 .bad) { border-left-color: var(--bad); }
.card:has(> h3 .unsure) { border-left-color: var(--unsure); }
.card:has(> h3 .good) { border-left-color: var(--good); }
.card > h3 { display: flex; flex-wrap: wrap; gap: 0.25rem 0.9rem; align-items: baseline; }
.when { display: flex; flex-wrap: wrap; gap: 0 1rem; color: var(--soft); }
.because { font-weight: 600; }
.advice { display: flex; flex-wrap: wrap; gap: 0.2rem 2rem; }
.advice > div, .legend dl > div { display: flex; gap: 0.5em; }
dt { color: var(--soft); flex: none; }
dd { margin: 0; }
.over { list-style: none; padding: 0; }
.over .tag { margin-left: 0; }
.names { display: flex; flex-wrap: wrap; gap: 0.1rem 0.8rem; }
.scroll { position: relative; contain: content; overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.15rem 0.45rem; white-space: nowrap; }
thead th, thead td { background: var(--block); }
tbody tr { border-top: 1px solid color-mix(in srgb, var(--line) 40%, transparent); }
#matrix td:not(.verdict), #matrix .vantage { text-align: right; }
#matrix tbody th { font-weight: 400; position: sticky; left: 0; background: var(--paper); }
.group { text-align: center; border-left: 1px solid var(--line); color: var(--soft); font-weight: 600; }
.inside { font-style: italic; }
td.bad { font-weight: 700; }
.uncounted, td.none { color: var(--soft); }
.uncounted { font-style: italic; }
#sight td { font-family: inherit; font-size: inherit; }
#sight td:last-child { white-space: normal; min-width: 12rem; }
.slider { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; }
.slider input { flex: 1 1 15rem; min-width: 0; }
.slider output { font-family: ui-monospace, monospace; }
#past fieldset { border: 1px solid var(--line); border-radius: 4px; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
#past fieldset label { display: flex; gap: 0.4rem; align-items: center; min-height: 1.5rem; }
.tall { max-height: 80vh; overflow-y: auto; }
/* Where rows come and go the columns stand still, which is also a fifth of the work. */
.tall table { table-layout: fixed; width: max(100%, calc(24rem + var(--columns) * 4.5rem)); }
.tall .named { width: 12rem; }
.tall tbody th, .tall tbody td { overflow: hidden; text-overflow: ellipsis; }
.tall thead { position: sticky; top: 0; z-index: 1; }
.gap td { padding: 0; border: 0; }
#main:focus { outline: none; }
#matrix td[tabindex] { cursor: pointer; }
#matrix .verdict { cursor: auto; }
.acts { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button { padding: 0.3rem 0.8rem; min-height: 2rem; border: 1px solid var(--line); border-radius: 4px; background: var(--paper); cursor: pointer; }
button:disabled { color: var(--soft); cursor: default; }
input { padding: 0.3rem 0.5rem; min-height: 2rem; border: 1px solid var(--line); border-radius: 4px; background: var(--paper); max-width: 100%; }
summary { cursor: pointer; }
dialog { border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink); padding: 0.5rem 1.25rem 1rem; width: min(44rem, 95vw); }
dialog::backdrop { background: #0009; }
dialog h2 { margin-top: 0.5rem; }
dialog label { display: block; }
dialog input { width: 100%; }
.stages { list-style: none; padding: 0; }
#lanes-canvas { display: block; width: 100%; min-height: 4rem; }
#lanes-says { min-height: 1.5em; }
#lanes td.words { white-space: normal; }
#past { margin-top: 0.5rem; }
.legend { margin-top: 0.5rem; }
.legend dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 0.1rem 1.5rem; }
.legend dt { min-width: 1.5em; font-weight: 700; }
.changes { list-style: none; padding: 0; }
.changes > li { border-top: 1px solid color-mix(in srgb, var(--line) 40%, transparent); padding: 0.35rem 0; }
.changes p { margin: 0.1rem 0; }
footer { margin-top: 2rem; color: var(--soft); }
@media (max-width: 40rem) {
  #matrix .word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  #matrix th, #matrix td { padding-inline: 0.3rem; }
}
@media (min-width: 120rem) {
  main:has(#matrix) { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; align-items: start; }
  main > :is(#trouble, #groups) { grid-column: 1 / -1; }
}
@media (prefers-reduced-motion: no-preference) { .skip { transition: left 0.1s; } }
@media print {
  :root { ${colours(LIGHT)} }
  .skip, footer, nav, .acts, .filter, .doing, #past:not(:has(.slider)), #past :is(button, input, fieldset) { display: none; }
  .tall { max-height: none; }
  .scroll { overflow: visible; border: 0; }
  .card, .changes > li, tr { break-inside: avoid; }
}
`;
