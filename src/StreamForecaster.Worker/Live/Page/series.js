// The chosen series: what it was, what is expected ahead, how odd each step was, and where the model looked.

import { find, make, write } from './dom.js';
import * as format from './format.js';
import { drawAttention } from './attention.js';
import { Chart } from './chart.js';

// Forecasts heard while the page is open: they become the band behind the values. Step time to [yhat, lower, upper].
const heard = new Map();
const heardMost = 2000;

let shown = null;
let chart = null;
let newest = null;

/** Prepares for another series: its name at once, the rest when it is heard of. */
export function clearSeries(series) {
  heard.clear();
  shown = null;
  find('detail').hidden = true;
  find('empty').hidden = false;
  write(find('empty-text'), series ? `Waiting for ${series} …` : 'Choose a series.');
}

/** Shows the newest of the chosen series. */
export function showSeries(detail) {
  find('detail').hidden = false;
  find('empty').hidden = true;
  remember(detail.ahead);
  showHead(detail);
  const fresh = shown !== detail.series;
  shown = detail.series;
  newest = detail;
  chart ??= new Chart(find('chart'), find('scores'), find('legend'),
    (place) => drawAttention(find('attention'), find('attention-hint'), newest, place));
  chart.draw(tableOf(detail), detail.stepSeconds, fresh);
  const marked = detail.anomalies.filter(Boolean).length;
  write(find('score-hint'), marked === 0 ? 'no anomaly in view' : `${marked} step${marked === 1 ? '' : 's'} marked`);
}

function remember(ahead) {
  for (const step of ahead) heard.set(step.time, [step.yhat, step.lower, step.upper]);
  for (const time of heard.keys()) {
    if (heard.size <= heardMost) break;
    heard.delete(time);
  }
}

function showHead(detail) {
  const { title, tags } = format.name(detail.series);
  write(find('series-name'), title);
  const chips = [...tags.map((tag) => [tag, 'tag']), [detail.group, 'group-tag'], [`${format.duration(detail.stepSeconds)} steps`, 'plain']];
  const key = JSON.stringify(chips);
  if (find('series-tags').dataset.key !== key) {
    find('series-tags').dataset.key = key;
    find('series-tags').replaceChildren(...chips.map(([text, kind]) => make('span', `chip ${kind}`, text)));
  }
  const last = detail.values.findLastIndex(Number.isFinite);
  const next = detail.ahead[0];
  now('value', format.number(detail.values[last]), last >= 0 ? `at ${format.time(detail.times[last])}` : '');
  now('score', format.score(detail.scores.at(-1)), '', detail.anomalies.at(-1) ? 'anomaly' : '');
  now('next', next ? format.number(next.yhat) : '–', next ? `${format.number(next.lower)} … ${format.number(next.upper)}` : '');
  now('status', detail.status, '', detail.status.split(' ')[0]);
  now('answered by', detail.expert.replaceAll('_', ' ') || '–', `model: ${detail.model || 'none'}`);
}

const facts = new Map();

function now(label, value, title, level = '') {
  let fact = facts.get(label);
  if (!fact) {
    const shownValue = make('dd', '');
    fact = { box: make('div', 'fact', make('dt', '', label), shownValue), shownValue };
    facts.set(label, fact);
    find('now').append(fact.box);
  }
  write(fact.shownValue, value);
  fact.box.title = title;
  fact.box.dataset.level = level;
}

// One row for each time: what was, what was forecast (heard, or ahead), and the score.
function tableOf(detail) {
  const times = [...detail.times, ...detail.ahead.map((step) => step.time)];
  const past = detail.times.length;
  const forecast = times.map((time) => heard.get(time) ?? null);
  const gap = (value) => Number.isFinite(value) ? value : null;
  const values = times.map((_, index) => index < past ? gap(detail.values[index]) : null);
  // The fan begins at the last value, where all three lines meet.
  const last = detail.values.findLastIndex(Number.isFinite);
  const fan = last >= 0 && last === past - 1 && forecast[last] === null && detail.ahead.length > 0;
  if (fan) forecast[last] = Array(3).fill(values[last]);
  return {
    times,
    values,
    yhat: forecast.map((one) => one && gap(one[0])),
    lower: forecast.map((one) => one && gap(one[1])),
    upper: forecast.map((one) => one && gap(one[2])),
    marks: times.map((_, index) => index < past && detail.anomalies[index] ? values[index] : null),
    scores: times.map((_, index) => index < past ? gap(detail.scores[index]) : null),
    anomalies: times.map((_, index) => index < past && detail.anomalies[index]),
    past,
    fanStart: fan ? last : -1,
  };
}
