/** Small parts that stand in many places. */
import type { Verdict } from "../domain/verdict.ts";
import { linkTo } from "./links.ts";
import { clockOf, meaningOf, shownName, SIGNS, toneOf } from "./plain-words.ts";

/** An instant as one says it, and whole for whoever wants it so. */
export const ShownInstant = ({ at, now }: { at: string; now: number }) => (
  <time datetime={at} title={at}>
    {clockOf(at, now)}
  </time>
);

/** A verdict by letter, word and colour. */
export const Badge = ({ verdict }: { verdict: Verdict }) => (
  <span class={`badge ${toneOf(verdict)}`} title={meaningOf(verdict)}>
    <span aria-hidden="true">{SIGNS[verdict]}</span> <span class="word">{shownName(verdict)}</span>
  </span>
);

export const Tag = ({ children }: { children: string }) => <span class="tag">{children}</span>;

interface Named {
  site: string;
  target: string;
  at: string | null;
}

/** A target's name: its site leads to the site, the rest to the target. */
export const TargetName = ({ site, target, at }: Named) => (
  <span class="name">
    <a href={linkTo({ site, at })}>{site}</a>/<a href={linkTo({ site, target, at })}>{target}</a>
  </span>
);

/** Sentences, one below the other; nothing for none. */
export const Sentences = ({ of, kind }: { of: readonly string[]; kind: string }) =>
  of.length === 0 ? null : (
    <ul class={kind}>
      {of.map((sentence) => (
        <li>{sentence}</li>
      ))}
    </ul>
  );
