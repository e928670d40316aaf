/**
 * Which shard holds a site: rendezvous hashing (Thaler and Ravishankar, 1998). Every shard draws a
 * number for the site and the highest wins, so a shard added later takes only the sites it wins and
 * no directory stands on the read path. Modulo hashing lost: it would move nearly every site.
 */

/** FNV-1a, 32 bits, with a murmur3 finaliser, since FNV's high bits mix poorly on short names. */
const hash = (text: string): number => {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
};

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
