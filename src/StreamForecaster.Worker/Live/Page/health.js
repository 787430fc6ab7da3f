// The pipeline's health: the verdict and the figures at the top, the cards of learning, lanes and sinks.

import { find, line, make, write } from './dom.js';
import * as format from './format.js';

const figures = new Map();
const groups = new Map();

/** One line: all well, or the first trouble; the rest is in its title. */
export function showVerdict(health, words) {
  const verdict = find('verdict');
  const troubles = words ? [words] : troublesOf(health);
  verdict.dataset.level = words ? 'idle' : troubles.length > 0 ? 'trouble' : 'well';
  verdict.title = troubles.join('\n');
  write(verdict.lastElementChild, troubles.length === 0 ? 'All well' : troubles.length === 1 ? troubles[0] : `${troubles[0]} (+${troubles.length - 1})`);
}

function troublesOf(health) {
  return [
    ...health.sinks.filter((sink) => !sink.healthy).map((sink) => `${sink.name}: ${sink.trouble ?? 'in trouble'}`),
    ...health.lanes.filter((lane) => lane.state !== 'running').map((lane) => `Lane ${lane.lane} is ${lane.state}`),
    ...health.floods.map((flood) => `A flood of new series in ${flood}`),
    ...health.notKeyed,
    ...(health.lanes.length === 0 ? ['No partitions assigned yet'] : []),
  ];
}

/** The figures beside the name. */
export function showFigures(health) {
  figure('points/s', format.number(health.pointsPerSecond), `${format.count(health.points)} points of ${format.count(health.records)} records`);
  figure('series ready', `${format.count(health.ready)}/${format.count(health.series)}`, 'past their warm-up, of all known');
  figure('lag', format.count(health.lag), 'records not yet read', health.lag > 10 * Math.max(1000, health.pointsPerSecond));
  figure('forecasts', format.number(health.forecasts), format.count(health.forecasts));
  figure('anomalies', format.count(health.anomalies), 'steps marked');
  figure('dead letters', format.count(health.deadLetters), 'records and points set aside', health.deadLetters > 0);
  const { duplicates, excluded, filled, wild, refused, dropped } = health.counts;
  figure('late', format.count(health.late), `points whose step was closed already; besides them ${format.count(duplicates)} duplicates, `
    + `${format.count(excluded)} excluded, ${format.count(filled)} steps filled, ${format.count(wild)} too far out to learn from`);
  if (refused + dropped > 0) {
    figure('series left out', format.count(refused + dropped), `${format.count(refused)} beyond the limit, ${format.count(dropped)} before their second step`, true);
  }
}

function figure(label, value, title, warn = false) {
  let one = figures.get(label);
  if (!one) {
    const shown = make('dd', '');
    one = { box: make('div', 'figure', make('dt', '', label), shown), shown };
    figures.set(label, one);
    find('figures').append(one.box);
  }
  write(one.shown, value);
  one.box.title = title;
  one.box.classList.toggle('warn', warn);
}

/** The three cards. */
export function showHealth(health) {
  write(find('training-share'), Number.isFinite(health.trainingCpuShare) ? `${(100 * health.trainingCpuShare).toFixed(1)} % of one core over five minutes` : '');
  showGroups(health.groups);
  table(find('lanes'), ['Lane', 'State', 'Position', 'Lag', 'Lane time'], health.lanes.map((lane) => [
    lane.lane, chip(lane.recoveryLeft > 0 ? `${lane.state}, ${format.count(lane.recoveryLeft)} left` : lane.state, lane.state === 'running' ? 'well' : 'trouble'), format.count(lane.position), format.count(lane.lag),
    lane.laneTime > 0 ? format.time(lane.laneTime) : '–',
  ]), 'No partitions assigned yet.');
  table(find('sinks'), ['Sink', 'State', 'Lines'], health.sinks.map((sink) => [
    sink.name, chip(sink.healthy ? 'well' : (sink.trouble ?? 'in trouble'), sink.healthy ? 'well' : 'trouble'), format.count(sink.lines),
  ]), 'No sinks configured.');
}

function showGroups(all) {
  const box = find('groups');
  const here = new Set(all.map((one) => one.group));
  for (const [name, group] of groups) {
    if (!here.has(name)) {
      group.element.remove();
      groups.delete(name);
    }
  }
  box.classList.toggle('none', all.length === 0);
  for (const one of all) {
    const group = groups.get(one.group) ?? addGroup(one.group);
    write(group.model, one.version > 0 ? `${one.model} v${one.version}` : 'no model yet');
    group.model.dataset.level = one.version > 0 ? 'well' : 'idle';
    write(group.facts, `${format.count(one.series)} series · ${format.count(one.trainings)} training${one.trainings === 1 ? '' : 's'}`
      + (Number.isFinite(one.lastLoss) ? ` · loss ${format.number(one.lastLoss)}` : '')
      + (one.bands ? ` · bands hold ${(100 * one.bands.coverage).toFixed(1)} %, width ${format.number(one.bands.width)}, interval score ${format.number(one.bands.intervalScore)}` : ''));
    write(group.verdict, one.verdict ?? 'Not judged yet: the first training comes after 60 closed steps.');
    duel(group, one.championLoss, one.challengerLoss);
    group.losses.svg.classList.toggle('none', one.losses.length < 2);
    group.losses.draw(one.losses);
    group.losses.svg.setAttribute('aria-label', 'training losses');
  }
}

function addGroup(name) {
  const model = make('span', 'chip');
  const facts = make('small', '');
  const verdict = make('p', 'gate');
  const losses = line(120, 34, 'losses');
  const champion = make('i', 'bar champion');
  const challenger = make('i', 'bar challenger');
  const duelBox = make('div', 'duel',
    make('span', '', 'champion'), make('span', 'rail', champion), make('b', ''),
    make('span', '', 'challenger'), make('span', 'rail', challenger), make('b', ''));
  const element = make('div', 'group',
    make('div', 'group-head', make('b', '', name), model, facts),
    make('div', 'group-body', make('div', 'judged', verdict, duelBox), losses.svg));
  find('groups').append(element);
  const group = { element, model, facts, verdict, losses, champion, challenger, duelBox };
  groups.set(name, group);
  return group;
}

// Two bars on one scale: the shorter loss wins.
function duel(group, champion, challenger) {
  const known = Number.isFinite(champion) && Number.isFinite(challenger);
  group.duelBox.classList.toggle('none', !known);
  if (!known) return;
  const most = Math.max(champion, challenger, 1e-12);
  group.champion.style.width = `${100 * champion / most}%`;
  group.challenger.style.width = `${100 * challenger / most}%`;
  group.challenger.classList.toggle('won', challenger < champion);
  write(group.duelBox.children[2], format.number(champion));
  write(group.duelBox.children[5], format.number(challenger));
}

function chip(text, level) {
  const element = make('span', 'chip', text);
  element.dataset.level = level;
  return element;
}

function table(box, heads, rows, none) {
  if (rows.length === 0) {
    box.replaceChildren(make('p', 'none-yet', none));
    return;
  }
  const body = make('tbody', '', ...rows.map((cells) => make('tr', '', ...cells.map((cell) => make('td', '', cell)))));
  box.replaceChildren(make('table', '', make('thead', '', make('tr', '', ...heads.map((head) => make('th', '', head)))), body));
}
