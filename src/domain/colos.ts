/**
 * Where Cloudflare's data centres are, by the codes of their airports, as precisely as location hints distinguish places. Only a data
 * centre that is plainly elsewhere matters, so a code that is not listed counts as no place in particular.
 */
import { ownOf } from "./own.ts";

const AREAS = {
  "western North America": "ANC DEN LAS LAX PDX PHX SAN SEA SFO SJC SLC SMF YVR YYC",
  "eastern North America":
    "ATL BNA BOS BUF CLE CLT CMH DFW DTW EWR IAD IAH IND JAX JFK MCI MCO MEM MIA MSP ORD PHL PIT RDU RIC STL TPA YOW YUL YYZ",
  "South America": "ASU BEL BOG BSB CNF CWB EZE FOR GIG GRU GYE LIM LPB MDE MVD POA REC SCL SSA UIO",
  Europe:
    "AMS ARN ATH BCN BEG BER BRU BTS BUD CDG CPH DME DUB DUS EDI FCO FRA GOT GVA HAM HEL IST KBP KIV LED LHR LIS LUX MAD MAN MRS MUC MXP OSL OTP PMO PRG RIX SKG SOF STR TLL VIE VNO WAW ZAG ZRH",
  "north-eastern Asia": "FUK HKG HND ICN KHH KIX MFM NRT OKA TPE ULN",
  "south-eastern Asia": "BKK BLR BOM CCU CEB CGK CMB DAC DEL HAN HYD KUL MAA MNL PNH SGN SIN",
  Oceania: "ADL AKL BNE CBR CHC HBA MEL NOU PER SUV SYD",
  Africa: "ACC ALG CAI CMN CPT DAR DKR DUR EBB JIB JNB KGL LAD LOS MPM MRU NBO RUN TUN",
  "the Middle East": "AMM BAH BEY BGW DMM DOH DXB JED KWI MCT RUH TLV",
} as const;
export type Area = keyof typeof AREAS;

/**
 * The areas in which an object with this hint may run. The runtime distinguishes eastern and western Europe, but their data centres are one
 * network apart.
 */
const ASKED: Record<string, readonly Area[]> = {
  wnam: ["western North America"],
  enam: ["eastern North America"],
  sam: ["South America"],
  weur: ["Europe"],
  eeur: ["Europe"],
  apac: ["north-eastern Asia", "south-eastern Asia"],
  "apac-ne": ["north-eastern Asia"],
  "apac-se": ["south-eastern Asia"],
  oc: ["Oceania"],
  afr: ["Africa"],
  me: ["the Middle East"],
};

const AREA_OF = new Map<string, Area>(
  Object.entries(AREAS).flatMap(([area, codes]) => codes.split(" ").map((code) => [code, area as Area])),
);

/** The area in which an object runs if its hint asked for another; null if it runs as asked, or if its area is not known. */
export const strayArea = (hint: string, colo: string | null): Area | null => {
  const area = colo === null ? undefined : AREA_OF.get(colo);
  const asked = ownOf(ASKED, hint);
  return area === undefined || asked === undefined || asked.includes(area) ? null : area;
};
