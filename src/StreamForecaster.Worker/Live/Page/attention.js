// Where the model looked: one cell for each step of its lookback, under the step it stands for, the darker the more weight.

import { style, write } from './dom.js';
import * as format from './format.js';

const height = 26;

/** Draws the weights of the newest forecast on the chart's own time axis. */
export function drawAttention(canvas, hint, detail, place) {
  const weights = detail.attention.filter(Number.isFinite);
  const pixels = devicePixelRatio || 1;
  canvas.width = Math.round(place.width * pixels);
  canvas.height = Math.round(height * pixels);
  const ctx = canvas.getContext('2d');
  ctx.scale(pixels, pixels);
  ctx.clearRect(0, 0, place.width, height);
  if (weights.length === 0 || detail.times.length === 0) {
    write(hint, detail.ahead.length === 0 ? 'nothing is forecast here' : 'no trained model answers for this series yet');
    return;
  }

  const last = detail.times.at(-1);
  const most = Math.max(...weights);
  const colour = style('--forecast');
  ctx.fillStyle = style('--cell');
  const left = place.x(last - (weights.length - 1) * place.step);
  const cell = Math.max(1, place.x(last) - place.x(last - place.step));
  ctx.fillRect(left - cell / 2, 0, cell * weights.length, height);
  ctx.fillStyle = colour;
  weights.forEach((weight, index) => {
    ctx.globalAlpha = most > 0 ? Math.max(0.04, weight / most) : 0;
    ctx.fillRect(left + (index - 0.5) * cell, 0, Math.max(1, cell - 0.5), height);
  });
  ctx.globalAlpha = 1;
  const strongest = weights.indexOf(most);
  const back = weights.length - 1 - strongest;
  write(hint, `most (${Math.round(most * 100)} %) ${back === 0 ? 'on the newest step' : `${format.duration(back * place.step)} back`}`);
}
