// Numbers, times and names as people read them.

const units = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** A number in about four characters; a dash for what is none. */
export function number(value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  for (const [unit, letter] of units) {
    if (size >= unit * (letter === 'k' ? 10 : 1)) return trim(value / unit, 1) + letter;
  }
  if (size >= 100 || Number.isInteger(value)) return trim(value, size >= 1000 ? 0 : 1);
  if (size >= 1) return trim(value, 2);
  if (size >= 0.001) return trim(value, 4);
  return size === 0 ? '0' : value.toExponential(1);
}

/** A whole count with its thousands parted. */
export const count = (value) => Number.isFinite(value) ? Math.round(value).toLocaleString('en').replaceAll(',', '\u202f') : '–';

/** A score with two digits. */
export const score = (value) => Number.isFinite(value) ? value.toFixed(2) : '–';

/** A duration of so many seconds in its largest sensible unit. */
export function duration(seconds) {
  const size = Math.abs(seconds);
  if (size < 1) return `${Math.round(seconds * 1000)} ms`;
  if (size < 120) return `${trim(seconds, 1)} s`;
  if (size < 7200) return `${trim(seconds / 60, 0)} min`;
  return size < 172800 ? `${trim(seconds / 3600, 1)} h` : `${trim(seconds / 86400, 1)} d`;
}

/** The time of day, with the date where it is another day. */
export function time(seconds) {
  const at = new Date(seconds * 1000);
  const clock = at.toLocaleTimeString('en-GB', { hour12: false });
  return at.toDateString() === new Date().toDateString() ? clock : `${at.toLocaleDateString('en-CA')} ${clock}`;
}

/** "name.field{tag=v,…}" in two: the name, and its tags as pairs. Commas escaped by a backslash stay. */
export function name(series) {
  const brace = series.indexOf('{');
  if (brace < 0) return { title: series, tags: [] };
  const tags = series.slice(brace + 1, -1).split(/(?<!\\),/).filter(Boolean);
  return { title: series.slice(0, brace), tags: tags.map((tag) => tag.replaceAll('\\', '')) };
}

function trim(value, digits) {
  const text = value.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
