// The list of series, highest anomaly score first.

import { find, line, make, write } from './dom.js';
import * as format from './format.js';

const list = find('list');
const rows = new Map();
let order = [];
let chosen = null;
let held = false;
let onChoose = () => {};

/** Shows rows; while the pointer is over the list their order holds still, so that nobody clicks the wrong one. */
export function showList(series, filter) {
  const sorted = held ? keepOrder(series) : series;
  order = sorted.map((one) => one.series);
  const here = new Set(order);
  for (const [name, row] of rows) {
    if (!here.has(name)) {
      row.element.remove();
      rows.delete(name);
    }
  }
  sorted.forEach((one, index) => {
    const row = rows.get(one.series) ?? addRow(one.series);
    fill(row, one);
    if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
  });
  const anomalous = series.filter((one) => one.isAnomaly).length;
  write(find('list-foot'), series.length === 0
    ? (filter ? 'No series has this in its name.' : 'No series yet: it shows as soon as points arrive.')
    : `${format.count(series.length)} series${filter ? ' match' : ''}${anomalous ? `, ${anomalous} anomalous` : ''}`);
}

/** Marks the row of the chosen series. */
export function markChosen(series) {
  chosen = series;
  for (const [name, row] of rows) row.element.setAttribute('aria-selected', String(name === series));
}

/** Calls back with the series that is picked. */
export function onPick(callback) {
  onChoose = callback;
}

function keepOrder(series) {
  const at = new Map(order.map((name, index) => [name, index]));
  return [...series].sort((a, b) => (at.get(a.series) ?? order.length) - (at.get(b.series) ?? order.length));
}

function addRow(series) {
  const { title, tags } = format.name(series);
  const score = make('span', 'score');
  const value = make('span', 'value');
  const status = make('span', 'status');
  const spark = line(64, 26, 'spark');
  const element = make('div', 'row',
    score,
    make('div', 'what', make('b', '', title), make('small', '', tags.join('  ') || 'no tags')),
    make('div', 'trend', spark.svg),
    make('div', 'facts', value, status));
  element.setAttribute('role', 'option');
  element.setAttribute('aria-selected', String(series === chosen));
  element.title = series;
  element.addEventListener('click', () => onChoose(series));
  const row = { element, score, value, status, spark };
  rows.set(series, row);
  return row;
}

function fill(row, one) {
  const level = one.isAnomaly ? 'anomaly' : one.score >= 0.7 ? 'high' : one.score >= 0.4 ? 'some' : 'calm';
  row.element.dataset.level = level;
  write(row.score, format.score(one.score));
  write(row.value, format.number(one.value));
  write(row.status, one.status);
  row.status.dataset.status = one.status.split(' ')[0];
  row.spark.draw(one.sparkline);
}

list.addEventListener('pointerenter', (event) => { held = event.pointerType === 'mouse'; });
list.addEventListener('pointerleave', () => { held = false; });
list.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || order.length === 0) return;
  event.preventDefault();
  const next = order[Math.min(order.length - 1, Math.max(0, order.indexOf(chosen) + step))];
  onChoose(next);
  rows.get(next)?.element.scrollIntoView({ block: 'nearest' });
});
