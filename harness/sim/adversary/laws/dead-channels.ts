import { deadChannels } from "../channels.ts";
import { firstDifferences } from "../compared.ts";
import { endOf, type Law, withAlarms } from "../history.ts";
import { filtered } from "../without.ts";

/**
 * A target is judged when an event about it arrives. A target without further events may be judged a little later: the judge's longest
 * wait, milliseconds.
 */
const LATER_MS = 2_500;

/** So many of a world's channels are tried: each costs a world. */
const CHANNELS_MAX = 2;

export const deadChannelsAreNone: Law = {
  name: "dead-channels",
  sentence:
    "a witness, inside vantage, control or heartbeat that did not work in the target's own recent good time changes nothing, whatever it says later",
  grain: "events",
  breaches: ({ moments, facts }, judge) => {
    const channels = deadChannels(moments, facts).slice(0, CHANNELS_MAX);
    if (channels.length === 0) return [];
    const until = endOf(moments) + 1;
    const whole = withAlarms(judge, moments, facts.held, until);
    return channels.flatMap(({ words, without }) => {
      const bare = withAlarms(judge, filtered(moments, without), facts.held, until);
      return firstDifferences(whole, bare, LATER_MS)
        .slice(0, 1)
        .map(({ key, at, one, other }) => ({
          key,
          at,
          kind: `${one}; ${other}`,
          says: `"${one}"; without ${words} "${other}"`,
        }));
    });
  },
};
