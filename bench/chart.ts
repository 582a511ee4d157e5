import { aimText, type Figure, percent, reached, rounded } from './figures.ts';

const width = 960;
const names = 440;
const line = 22;
/** Where a bar ends that just reaches its aim, and beyond which none is drawn. */
const aimAt = names + 140;
const farthest = 2;
const longest = names + (aimAt - names) * farthest;

// Both colours stand out from white and from black, and so does the grey of the text.
const style = `
  text { font: 13px system-ui, sans-serif; fill: #767676 }
  .title { font-size: 15px; font-weight: 600 }
  .gateway, .met { fill: #2a9d6a } .missed { fill: #d9622b } .other { fill: #8b949e }
  .aim { stroke: #767676; stroke-dasharray: 3 3 }`;

/** What it was measured on, each fact as text. */
type Machine = Readonly<Record<string, unknown>>;

/** A part of the picture, and where the next one begins. */
interface Part {
  readonly drawn: string;
  readonly end: number;
}

/** How fast the gateway is beside the others, and each aim beside what was reached: a picture for light and dark pages. */
export function chartOf(machine: Machine, figures: readonly Figure[]): string {
  const parts: Part[] = [];
  const end = () => parts.at(-1)?.end ?? 34;
  for (const { row, what, rates } of figures) if (rates) parts.push(contest(`${row}: ${what}`, rates, end()));
  const aimed = figures.filter(({ aim }) => aim !== undefined);
  if (aimed.length > 0) parts.push(aims(aimed, end()));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${end()}" role="img" aria-label="Benchmarks">
<style>${style}</style>
${text(16, 20, Object.values(machine).join(', '))}
${parts.map(({ drawn }) => drawn).join('\n')}
</svg>
`;
}

/** Answers a second of each, the fastest one's bar as long as there is room. */
function contest(title: string, rates: Readonly<Record<string, number>>, y: number): Part {
  const most = Math.max(...Object.values(rates));
  const bars = Object.entries(rates).map(([name, rate], place) => {
    const at = y + 28 + place * line;
    const label = `${rounded(rate)}/s, ${percent(rate / most)}`;
    return bar({ name, label, share: rate / most, kind: name === 'gateway' ? 'gateway' : 'other' }, at);
  });
  const drawn = [heading(`${title} (answers a second of one core)`, y), ...bars];
  return { drawn: drawn.join('\n'), end: y + 28 + bars.length * line + 14 };
}

function aims(figures: readonly Figure[], y: number): Part {
  const bars = figures.map((figure, place) => {
    const { row, what, ratio, seen, aim = { most: 1 } } = figure;
    const score = reached(ratio, aim);
    const label = `${seen.replace(/ \(.*/, '')}: ${ratio.text}, aim ${aimText(figure).replace(/ \w+$/, '')}`;
    const share = Math.min(score, farthest) / farthest;
    return bar({ name: `${row}: ${what}`, label, share, kind: score >= 1 ? 'met' : 'missed' }, y + 28 + place * line);
  });
  const end = y + 28 + bars.length * line;
  const limit = `<line class="aim" x1="${aimAt}" x2="${aimAt}" y1="${y + 22}" y2="${end}"/>`;
  return { drawn: [heading('Aims: met from the dashed line on', y), ...bars, limit].join('\n'), end: end + 14 };
}

interface Bar {
  readonly name: string;
  readonly label: string;
  /** Of the room that there is. */
  readonly share: number;
  readonly kind: string;
}

function bar({ name, label, share, kind }: Bar, y: number): string {
  const length = Math.max(2, share * (longest - names));
  return [
    text(names - 10, y + 12, shortened(name), 'text-anchor="end"'),
    `<rect class="${kind}" x="${names}" y="${y}" width="${length.toFixed(1)}" height="14" rx="2"/>`,
    text(longest + 10, y + 12, label),
  ].join('\n');
}

const heading = (title: string, y: number) => text(16, y + 14, title, 'class="title"');

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped}</text>`;
}

const mostLetters = 62;
const shortened = (name: string) => (name.length > mostLetters ? `${name.slice(0, mostLetters - 1)}…` : name);
