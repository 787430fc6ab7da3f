// The two charts of a series on one time axis, drawn by uPlot in the colours of the style sheet.

import uPlot from './vendor/uPlot.esm.js';
import { make, style, write } from './dom.js';
import * as format from './format.js';

const gutter = 56;
const high = 0.7;
const day = 86_400;
const clock = {
  [day]: uPlot.fmtDate('{YYYY}-{MM}-{DD}'), 60: uPlot.fmtDate('{HH}:{mm}'), 1: uPlot.fmtDate('{HH}:{mm}:{ss}'), long: uPlot.fmtDate('{MM}-{DD} {HH}:{mm}'),
};

// Seconds only where ticks are that close, the date only where the view is longer than a day.
function clockTexts(plot, ticks, _, __, apart) {
  const long = plot.scales.x.max - plot.scales.x.min > day;
  const text = apart >= day ? clock[day] : long ? clock.long : apart >= 60 ? clock[60] : clock[1];
  return ticks.map((tick) => text(new Date(tick * 1000)));
}

// A constant lies in the middle of a range of its own size.
function around(value) {
  const half = Math.max(Math.abs(value) * 0.1, 1);
  return [value - half, value + half];
}

/** Values with their forecast above, anomaly scores below. */
export class Chart {
  #valuesBox; #scoresBox; #legend; #values = null; #scores = null; #table = null; #zoomed = false; #step = 1; #drawn;

  /** drawn: called with where times lie whenever the time axis may have moved. */
  constructor(valuesBox, scoresBox, legend, drawn) {
    this.#drawn = drawn;
    this.#valuesBox = valuesBox;
    this.#scoresBox = scoresBox;
    this.#legend = new Legend(legend);
    new ResizeObserver(() => this.#resize()).observe(valuesBox);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#rebuild());
  }

  /** Draws a table of columns; a fresh series forgets the zoom. */
  draw(table, stepSeconds, fresh) {
    this.#table = table;
    this.#step = stepSeconds;
    if (fresh) this.#zoomed = false;
    if (!this.#values || fresh) this.#rebuild();
    else this.#update();
    this.#legend.show(table, this.#values.cursor.idx ?? null);
  }

  // Where a time lies, in pixels from the box's left, and how long a step is.
  #place(plot) {
    return { x: (time) => plot.valToPos(time, 'x') + gutter, step: this.#step, width: this.#valuesBox.clientWidth };
  }

  #update() {
    const scale = { ...this.#values.scales.x };
    this.#values.setData(this.#valueColumns(), !this.#zoomed);
    this.#scores.setData(this.#scoreColumns(), !this.#zoomed);
    if (this.#zoomed) {
      this.#values.setScale('x', { min: scale.min, max: scale.max });
      this.#scores.setScale('x', { min: scale.min, max: scale.max });
    }
  }

  #valueColumns() {
    const t = this.#table;
    return [t.times, t.upper, t.lower, t.yhat, t.values, t.marks];
  }

  #scoreColumns() {
    const t = this.#table;
    const kept = (wanted) => t.scores.map((one, i) => wanted(one, t.anomalies[i]) ? one : null);
    return [t.times, kept((one, marked) => !marked && one < high), kept((one, marked) => !marked && one >= high), kept((_, marked) => marked)];
  }

  #rebuild() {
    if (!this.#table) return;
    this.#values?.destroy();
    this.#scores?.destroy();
    this.#values = new uPlot(this.#valueOptions(), this.#valueColumns(), this.#valuesBox);
    this.#scores = new uPlot(this.#scoreOptions(), this.#scoreColumns(), this.#scoresBox);
    this.#values.over.addEventListener('dblclick', () => { this.#zoomed = false; this.#update(); });
  }

  #resize() {
    const width = this.#valuesBox.clientWidth;
    if (!this.#values || width === 0) return;
    this.#values.setSize({ width, height: this.#height() });
    this.#scores.setSize({ width, height: 64 });
  }

  #height() {
    return Math.round(Math.min(380, Math.max(220, innerHeight * 0.38)));
  }

  #base(height) {
    return {
      width: this.#valuesBox.clientWidth || 300,
      height,
      legend: { show: false },
      padding: [8, 10, 4, 0],
      cursor: { sync: { key: 'series' }, points: { show: false }, drag: { x: true, y: false } },
    };
  }

  #axis(more) {
    return { stroke: style('--muted'), grid: { stroke: style('--grid'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif', ...more };
  }

  #valueOptions() {
    const anomaly = style('--anomaly');
    const none = { points: { show: false } };
    return {
      ...this.#base(this.#height()),
      scales: { y: { range: (_, low, high) => low === high ? around(low ?? 0) : uPlot.rangeNum(low, high, 0.08, true) } },
      axes: [
        this.#axis({ values: clockTexts, space: 76, size: 28 }),
        this.#axis({ size: gutter, values: (_, ticks) => ticks.map(format.number) }),
      ],
      series: [
        {},
        { ...none, stroke: style('--band-edge'), width: 1 },
        { ...none, stroke: style('--band-edge'), width: 1 },
        { ...none, stroke: style('--forecast'), width: 1.5, dash: [5, 4] },
        { ...none, stroke: style('--actual'), width: 1.75 },
        { stroke: anomaly, width: 2.5, points: { show: true, size: 6, fill: anomaly, stroke: anomaly, width: 0 } },
      ],
      bands: [{ series: [1, 2], fill: style('--band') }],
      hooks: {
        drawClear: [(plot) => this.#shadeAhead(plot)],
        draw: [(plot) => this.#drawn(this.#place(plot))],
        setCursor: [(plot) => this.#legend.show(this.#table, plot.cursor.idx ?? null)],
        setSelect: [(plot) => { this.#zoomed = this.#zoomed || plot.select.width > 0; }],
      },
    };
  }

  #scoreOptions() {
    const bars = uPlot.paths.bars({ size: [0.7, 6, 1] });
    const bar = (colour) => ({ stroke: colour, fill: colour, width: 0, paths: bars, points: { show: false } });
    return {
      ...this.#base(64),
      scales: { y: { range: [0, 1] } },
      axes: [{ show: false }, this.#axis({ size: gutter, splits: [0, 0.5, 1], values: (_, ticks) => ticks.map((tick) => tick === 0.5 ? '' : String(tick)) })],
      series: [{}, bar(style('--score')), bar(style('--high')), bar(style('--anomaly'))],
      hooks: { setSelect: [(plot) => { this.#zoomed = this.#zoomed || plot.select.width > 0; }] },
    };
  }

  // What has not happened yet lies on another ground.
  #shadeAhead(plot) {
    const start = this.#table.times[this.#table.past - 1];
    if (start === undefined) return;
    const { ctx, bbox } = plot;
    const left = Math.max(bbox.left, plot.valToPos(start, 'x', true));
    ctx.save();
    ctx.fillStyle = style('--ahead');
    ctx.fillRect(left, bbox.top, Math.max(0, bbox.left + bbox.width - left), bbox.height);
    ctx.restore();
  }
}

/** What the lines are, and their figures under the cursor; without one, at the newest value. */
class Legend {
  #cells = new Map();
  #when;

  constructor(box) {
    for (const [key, label] of [['values', 'Actual'], ['yhat', 'Forecast'], ['band', '90 % band'], ['scores', 'Score']]) {
      const shown = make('b', '');
      box.append(make('span', `key ${key}`, make('i', ''), label, shown));
      this.#cells.set(key, shown);
    }
    this.#when = make('time', '');
    box.append(this.#when);
  }

  show(table, index) {
    // Where nobody points: the newest value, and what is forecast next.
    const at = index ?? table.past - 1;
    const next = index ?? table.past;
    const known = next !== table.fanStart && Number.isFinite(table.lower[next]);
    write(this.#cells.get('values'), format.number(table.values[at]));
    write(this.#cells.get('yhat'), known ? format.number(table.yhat[next]) : '–');
    write(this.#cells.get('band'), known ? `${format.number(table.lower[next])} … ${format.number(table.upper[next])}` : '–');
    write(this.#cells.get('scores'), format.score(table.scores[at]));
    write(this.#when, table.times[at] === undefined ? '' : format.time(table.times[at]) + (at >= table.past ? ` · ${at - table.past + 1} ahead` : ''));
  }
}
