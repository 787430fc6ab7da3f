// The page: listens to the daemon and hands what it hears to the list, the chart and the health cards.

import { find, write } from './dom.js';
import { markChosen, onPick, showList } from './list.js';
import { showFigures, showHealth, showVerdict } from './health.js';
import { clearSeries, showSeries } from './series.js';

const reopenAfterMs = 3000;
const silentAfterMs = 8000;
const filter = find('filter');

let chosen = decodeURIComponent(location.hash.slice(1)) || null;
let events = null;
let heardAt = 0;
let silence = null;

function listen() {
  events?.close();
  const query = new URLSearchParams({ limit: '200' });
  if (filter.value) query.set('filter', filter.value);
  if (chosen) query.set('series', chosen);
  events = new EventSource(`events?${query}`);
  on('health', (health) => {
    showVerdict(health, null);
    showFigures(health);
    showHealth(health);
  });
  on('list', (series) => {
    showList(series, filter.value);
    const wide = matchMedia('(min-width: 761px)').matches;
    // A flat line is a poor first sight.
    if (!chosen && series.length > 0 && wide) choose((series.find((one) => one.status !== 'flat') ?? series[0]).series, false);
  });
  on('series', (detail) => {
    if (detail.series === chosen) showSeries(detail);
  });
  events.onerror = () => {
    showVerdict(null, 'Connection lost, trying again …');
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, reopenAfterMs);
  };
}

function on(kind, tell) {
  events.addEventListener(kind, (event) => {
    heardAt = performance.now();
    tell(JSON.parse(event.data));
  });
}

function choose(series, view = true) {
  chosen = series;
  history.replaceState(null, '', series ? `#${encodeURIComponent(series)}` : location.pathname);
  markChosen(series);
  clearSeries(series);
  if (view) show('chart');
  listen();
}

function show(view) {
  document.body.dataset.view = view;
  for (const tab of document.querySelectorAll('.tabs button')) tab.setAttribute('aria-current', String(tab.dataset.view === view));
  dispatchEvent(new Event('resize'));
}

onPick((series) => choose(series));
for (const tab of document.querySelectorAll('.tabs button')) tab.addEventListener('click', () => show(tab.dataset.view));

let typing = 0;
filter.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(listen, 200);
});
addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== filter) {
    event.preventDefault();
    show('series');
    filter.focus();
  } else if (event.key === 'Escape' && document.activeElement === filter) {
    filter.value = '';
    filter.blur();
    listen();
  }
});
addEventListener('hashchange', () => {
  const series = decodeURIComponent(location.hash.slice(1)) || null;
  if (series !== chosen) choose(series);
});
silence = setInterval(() => {
  if (heardAt > 0 && performance.now() - heardAt > silentAfterMs) showVerdict(null, 'Nothing heard for a while …');
}, 1000);
addEventListener('pagehide', () => {
  clearInterval(silence);
  events?.close();
});

show(chosen ? 'chart' : 'series');
if (chosen) {
  markChosen(chosen);
  clearSeries(chosen);
}
write(find('empty-text'), 'Waiting for the first series …');
listen();
