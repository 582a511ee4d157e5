import { type Figure, reached } from './figures.ts';

const width = 960;
const names = 470;
const line = 22;
/** Where a bar ends that just reaches its aim, and beyond which none is drawn. */
const aimAt = names + 200;
const farthest = 2;

// Both colours stand out from white and from black, and so does the grey of the text.
const style = `
  text { font: 13px system-ui, sans-serif; fill: #767676 }
  .title { font-size: 16px; font-weight: 600 }
  .met { fill: #2a9d6a } .missed { fill: #d9622b } .aim { stroke: #767676; stroke-dasharray: 3 3 }`;

/** What it was measured on, each fact as text. */
type Machine = Readonly<Record<string, unknown>>;

/** Each figure that has an aim as a bar: it ends at the dashed line where the aim is just reached, and beyond where it is exceeded. */
export function chartOf(machine: Machine, figures: readonly Figure[]): string {
  const aimed = figures.filter((figure) => figure.aim !== undefined);
  const top = 70;
  const height = top + aimed.length * line + 20;
  const bars = aimed.map((figure, place) => barOf(figure, top + place * line));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="What was aimed at, and what was reached">
<style>${style}</style>
<text class="title" x="16" y="26">What was aimed at, and what was reached</text>
<text x="16" y="46">${escaped(`The longer the better: at the dashed line the aim is met. ${describe(machine)}`)}</text>
${bars.join('\n')}
<line class="aim" x1="${aimAt}" x2="${aimAt}" y1="${top - 8}" y2="${height - 16}"/>
</svg>
`;
}

function barOf(figure: Figure, y: number): string {
  const { row, what, ratio, seen, aim = { most: 1 } } = figure;
  const score = reached(ratio, aim);
  const length = Math.max(2, Math.min(score, farthest) * (aimAt - names));
  const beyond = score > farthest ? ' ▸' : '';
  return [
    `<text x="${names - 10}" y="${y + 14}" text-anchor="end">${escaped(`${row}: ${shortened(what)}`)}</text>`,
    `<rect class="${score >= 1 ? 'met' : 'missed'}" x="${names}" y="${y + 3}" width="${length.toFixed(1)}" height="14" rx="2"/>`,
    `<text x="${(names + length + 6).toFixed(1)}" y="${y + 14}">${escaped(`${beyond}${ratio.text.endsWith('×') || seen === ratio.text ? ratio.text : `${seen}`}`)}</text>`,
  ].join('\n');
}

const longest = 62;
const shortened = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
const describe = (machine: Machine) => Object.values(machine).join(', ');
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
