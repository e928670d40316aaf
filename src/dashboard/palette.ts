/** Colours, as `#rrggbb`. Every text colour is read against `paper` and `block`: a test checks each pair against WCAG 2.2 AA. */
export interface Palette {
  ink: string;
  soft: string;
  paper: string;
  block: string;
  line: string;
  good: string;
  bad: string;
  unsure: string;
  link: string;
}

export const LIGHT: Palette = {
  ink: "#171b20",
  soft: "#535d68",
  paper: "#ffffff",
  block: "#f3f5f7",
  line: "#7d8793",
  good: "#0a6638",
  bad: "#ab1420",
  unsure: "#7a4a00",
  link: "#0b4fa8",
};

export const DARK: Palette = {
  ink: "#e6eaee",
  soft: "#a3aeb9",
  paper: "#101418",
  block: "#1a2026",
  line: "#6b7682",
  good: "#63d694",
  bad: "#ff8f88",
  unsure: "#e9bb62",
  link: "#8ab8ff",
};
