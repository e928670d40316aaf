/** Small parts that are used in many places. */
import type { Verdict } from "../domain/verdict.ts";
import { linkTo } from "./links.ts";
import { clockOf, meaningOf, shownName, SIGNS, toneOf } from "./plain-words.ts";

/** An instant in short form, with the whole instant in its title. */
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

/** A target's name. The site's part links to the site, the rest to the target. */
export const TargetName = ({ site, target, at }: Named) => (
  <span class="name">
    <a href={linkTo({ site, at })}>{site}</a>/<a href={linkTo({ site, target, at })}>{target}</a>
  </span>
);

/** Sentences as a list; null where there are none. */
export const Sentences = ({ of, kind }: { of: readonly string[]; kind: string }) =>
  of.length === 0 ? null : (
    <ul class={kind}>
      {of.map((sentence) => (
        <li>{sentence}</li>
      ))}
    </ul>
  );
