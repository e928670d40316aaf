import { hash } from "./hash.ts";

/**
 * Which shard holds a site: rendezvous hashing (Thaler and Ravishankar, 1998). Every shard draws a number for the site and the highest
 * wins. So a shard added later takes only the sites that it wins, and a read needs no directory. Rejected: hashing modulo the number of
 * shards, which would move nearly every site.
 */

/** The shard, 0 to `shards - 1`, that holds all targets of `site`. */
export const shardOf = (site: string, shards: number): number => {
  let winner = 0;
  let highest = -1;
  for (let shard = 0; shard < shards; shard++) {
    const drawn = hash(`${shard}/${site}`);
    if (drawn > highest) [winner, highest] = [shard, drawn];
  }
  return winner;
};
