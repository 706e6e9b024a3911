'use strict';
// Shows /status.json, again every few seconds. Text reaches the page as text only (textContent), never as markup.

const REFRESH_MS = 5000;
const LATE_MS = 20000;  // without an answer for so long what is shown is old
const SVG = 'http://www.w3.org/2000/svg';
const ACCOUNT_WORDS = {
  ok: ['ok', 'good'],
  credential_refused: ['credential refused', 'bad'],
  unreachable: ['does not answer', 'bad'],
  quota_spent: ['quota of the day spent', 'bad'],
  blocked: ['blocked by the vendor', 'bad'],
  not_authorised: ['not authorised', 'bad'],
};
const RUN_CLASSES = {succeeded: 'good', failed: 'bad', cancelled: 'warn'};
const PHASES = ['prepare', 'read_brevo', 'read_pipedrive', 'converge', 'settle', 'done'];

let answeredAt = 0;

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'label') element.dataset.label = value;
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function words(name) {
  return name.replaceAll('_', ' ');
}

function count(number) {
  return number.toLocaleString('en');
}

function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

// All ages are told by the service's clock, not by the reader's.
function since(time, now) {
  return time === null ? '' : span(Math.max(0, (Date.parse(now) - Date.parse(time)) / 1000));
}

function clockTime(time) {
  return time === null ? '' : time.slice(0, 19).replace('T', ' ');
}

// A line over the last hour. `top` is the value at the upper edge; 0 is at the lower one.
function plot(times, values, top, title) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'plot');
  svg.setAttribute('viewBox', '0 0 100 30');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  const name = document.createElementNS(SVG, 'title');
  name.textContent = title;
  const base = document.createElementNS(SVG, 'line');
  for (const [key, value] of [['x1', 0], ['x2', 100], ['y1', 29.5], ['y2', 29.5]]) base.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', pathOf(times, values, top));
  svg.append(name, base, path);
  return svg;
}

function pathOf(times, values, top) {
  const first = Date.parse(times[0]);
  const width = Math.max(Date.parse(times[times.length - 1]) - first, 1);
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const x = times.length === 1 ? 100 : (Date.parse(times[index]) - first) / width * 100;
    const y = 29 - Math.min(Math.max(value / top, 0), 1) * 28;
    path += `${drawing ? 'L' : 'M'}${x.toFixed(2)} ${y.toFixed(2)}`;
    // A single point is a short line, or nothing would be seen.
    if (!drawing && (index + 1 >= values.length || values[index + 1] === null)) path += 'h-0.8';
    drawing = true;
  });
  return path;
}

function history(status, name, top, title) {
  const values = status.history.series[name];
  if (!values || status.history.times.length === 0) return null;
  const highest = Math.max(...values.map((value) => value ?? 0));
  return plot(status.history.times, values, top ?? Math.max(highest, 1), title);
}

function gauge(status, series, quota) {
  const meter = make('meter', {min: 0, max: 1, low: 0.15, high: 0.3, optimum: 1, value: quota.headroom});
  const left = `${count(quota.remaining)} of ${count(quota.size)}${quota.estimate ? ' (own count)' : ''}`;
  meter.setAttribute('aria-label', `${words(quota.limit)}: ${left}`);
  return make(
      'div', {className: 'gauge'},
      make('div', {className: 'row'}, make('span', {textContent: words(quota.limit)}),
           make('span', {className: 'faint', textContent: `${left}, full in ${span(quota.reset_seconds)}`})),
      meter, history(status, series, 1, `headroom of ${words(quota.limit)} within the last hour`));
}

function accountCard(status, connection, name, title) {
  const account = connection[name];
  const [text, kind] = ACCOUNT_WORDS[account.state] ?? [account.state, 'bad'];
  const webhook = connection[`last_${name}_webhook`];
  const card = make(
      'section', {className: 'card'},
      make('h3', {}, `${title} `, make('span', {className: `badge ${kind}`, textContent: text})));
  if (account.detail) card.append(make('p', {textContent: account.detail}));
  if (account.until) card.append(make('p', {className: 'faint', textContent: `until ${clockTime(account.until)}`}));
  if (webhook) {
    card.append(make('p', {className: 'faint', textContent: `last webhook ${since(webhook, status.now)} ago`}));
  }
  for (const quota of account.quotas) {
    card.append(gauge(status, `${connection.connection}/${name}/${quota.limit}`, quota));
  }
  return card;
}

const QUEUES = [['contacts', 'contacts to write'], ['inbox', 'webhooks to work in'], ['outbox', 'events to send']];

function queueCard(status, connection) {
  const card = make('section', {className: 'card'}, make('h3', {textContent: 'Queues'}));
  for (const [name, title] of QUEUES) {
    const queue = connection.queues[name];
    const age = queue.oldest ? `, the oldest for ${since(queue.oldest, status.now)}` : '';
    card.append(make(
        'div', {className: 'gauge'},
        make('div', {className: 'row'}, make('span', {textContent: title}),
             make('span', {className: 'faint', textContent: `${count(queue.depth)}${age}`})),
        history(status, `${connection.connection}/queue/${name}`, null, `${title} within the last hour`)));
  }
  if (connection.open_imports > 0) {
    card.append(make('p', {textContent: `${count(connection.open_imports)} import jobs open at Brevo`}));
  }
  return card;
}

function table(columns, rows) {
  return make(
      'div', {className: 'scroll'},
      make('table', {className: 'stack'},
           make('thead', {}, make('tr', {}, ...columns.map((column) => make('th', {textContent: column})))),
           make('tbody', {}, ...rows.map((cells) => make('tr', {}, ...cells.map((cell, index) => {
             const td = make('td', {label: columns[index]});
             td.append(cell);
             return td;
           }))))));
}

function runProgress(run) {
  if (run.finished_at) return words(run.state);
  const bar = make('progress', {max: PHASES.length - 1, value: Math.max(PHASES.indexOf(run.phase), 0)});
  bar.setAttribute('aria-label', words(run.phase));
  return make('span', {}, `${words(run.state)}, ${words(run.phase)}, ${count(run.pages)} pages `, bar);
}

function runsCard(status, connection) {
  const card = make('section', {className: 'card wide'}, make('h3', {textContent: 'Runs'}));
  if (connection.runs.length === 0) {
    card.append(make('p', {className: 'faint', textContent: 'none yet'}));
    return card;
  }
  const rows = connection.runs.map((run) => [
    `${run.kind} ${run.mode}${run.dry_run ? ' (dry)' : ''}`,
    make('span', {className: RUN_CLASSES[run.state] ?? ''}, runProgress(run)),
    count(run.read),
    count(run.created + run.updated),
    count(run.failed),
    run.finished_at ? `${since(run.finished_at, status.now)} ago` : `since ${since(run.created_at, status.now)}`,
    run.error,
  ]);
  card.append(table(['run', 'state', 'read', 'written', 'failed', 'when', 'error'], rows));
  return card;
}

function failuresCard(status, connection) {
  const card = make(
      'section', {className: 'card wide'},
      make('h3', {textContent: `Last failures (${count(connection.failure_count)} open)`}));
  if (connection.failures.length === 0) {
    card.append(make('p', {className: 'good', textContent: 'none'}));
    return card;
  }
  const rows = connection.failures.map((failure) => [
    `${since(failure.at, status.now)} ago`,
    `${failure.entity} ${failure.id}`,
    words(failure.reason),
    failure.field,
    make('span', {}, failure.detail, make('br'), make('span', {className: 'faint', textContent: failure.hint})),
  ]);
  card.append(
      table(['when', 'record', 'reason', 'field', 'detail and remedy'], rows),
      make('p', {className: 'faint'}, 'Take them up again: ',
           make('code', {textContent: `pipedrive-connector failures retry --connection ${connection.connection}`})));
  return card;
}

function connectionPart(status, connection) {
  return make(
      'section', {}, make('h2', {textContent: connection.connection}),
      make('div', {className: 'cards'}, accountCard(status, connection, 'pipedrive', 'Pipedrive'),
           accountCard(status, connection, 'brevo', 'Brevo'), queueCard(status, connection),
           runsCard(status, connection), failuresCard(status, connection)));
}

function headline(text, kind) {
  const badge = document.getElementById('headline');
  badge.textContent = text;
  badge.className = `badge ${kind}`;
  document.title = `${text} - pipedrive-connector`;
}

function show(status) {
  headline(status.ready ? 'ready' : 'not ready', status.ready ? 'good' : 'bad');
  document.getElementById('meta').textContent =
      `${status.version}, up for ${since(status.started_at, status.now)}, ${clockTime(status.now)} UTC`;
  document.getElementById('problems').replaceChildren(
      ...status.problems.map((text) => make('li', {textContent: text})));
  document.getElementById('connections').replaceChildren(
      ...status.connections.map((connection) => connectionPart(status, connection)));
}

async function refresh() {
  try {
    const answer = await fetch('/status.json', {cache: 'no-store', signal: AbortSignal.timeout(LATE_MS)});
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    show(await answer.json());
    answeredAt = Date.now();
  } catch (error) {
    const age = answeredAt === 0 ? '' : `, what is shown is ${span((Date.now() - answeredAt) / 1000)} old`;
    headline(`no answer (${error.message}${age})`, 'bad');
  }
  setTimeout(refresh, REFRESH_MS);
}

refresh();
