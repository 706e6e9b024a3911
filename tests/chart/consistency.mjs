// Values and their schema, alerts, their tests and runbooks, the dashboard and the metrics' manual say the same.
// Usage: node consistency.mjs ROOT

import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {parse} from 'yaml';

const root = process.argv[2];
const chart = join(root, 'deploy/helm/pipedrive-connector');
const read = (path) => readFileSync(path, 'utf8');
const problems = [];

// ---- values and schema: every key has its default and its description

const values = parse(read(join(chart, 'values.yaml')));
const schema = JSON.parse(read(join(chart, 'values.schema.json')));

function compare(value, node, place) {
  if (!node?.properties) return;
  if (node.additionalProperties !== false) problems.push(`schema: ${place || 'top'} takes unknown keys`);
  for (const key of Object.keys(node.properties)) {
    if (key !== 'global' && !(key in value)) problems.push(`values.yaml has no ${place}${key}`);
  }
  for (const key of Object.keys(value)) {
    if (!(key in node.properties)) problems.push(`values.schema.json has no ${place}${key}`);
    else if (value[key] && typeof value[key] === 'object') compare(value[key], node.properties[key], `${place}${key}.`);
  }
}
compare(values, schema, '');

// ---- metrics: what alerts and dashboard ask for is served, with those labels

const prefix = 'pipedrive_connector_';
const served = new Map(
    [...read(join(root, 'docs/metrics.md')).matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\|/gm)]
        .map(([, name, type, labels]) => [prefix + name, {type, labels: labels.split(',').map((label) => label.trim())}]));
if (served.size < 10) problems.push('docs/metrics.md could not be read');

const added = ['namespace', 'pod', 'instance', 'job', 'service', 'le'];
function checkExpression(place, expression) {
  for (const [, name, selector] of expression.matchAll(/(pipedrive_connector_\w+)(?:\{([^}]*)\})?/g)) {
    const metric = served.get(name) ?? served.get(name.replace(/_(bucket|count|sum)$/, ''));
    if (!metric) { problems.push(`${place}: ${name} is not in docs/metrics.md`); continue; }
    for (const [, label] of (selector ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (!metric.labels.includes(label) && !added.includes(label)) problems.push(`${place}: ${name} has no label ${label}`);
    }
  }
}

// ---- alerts: a runbook and a test each

const rules = parse(read(join(chart, 'files/alerts.yaml'))).groups.flatMap((group) => group.rules);
const tests = parse(read(join(root, 'tests/chart/alerts_test.yaml'))).tests.flatMap((test) => test.alert_rule_test);
for (const {alert, expr, labels, annotations} of rules) {
  checkExpression(alert, expr);
  if (!['critical', 'warning'].includes(labels?.severity)) problems.push(`${alert} has no severity`);
  if (!annotations?.summary) problems.push(`${alert} has no summary`);
  const runbook = annotations?.runbook_url ?? '';
  if (!runbook.startsWith('docs/runbooks/') || !existsSync(join(root, runbook))) {
    problems.push(`${alert} has no runbook: ${runbook}`);
  } else if (!read(join(root, runbook)).includes(alert)) {
    problems.push(`${runbook} does not name ${alert}`);
  }
  const of = tests.filter((test) => test.alertname === alert);
  if (!of.some((test) => test.exp_alerts.length)) problems.push(`no test lets ${alert} fire`);
  if (!of.some((test) => !test.exp_alerts.length)) problems.push(`no test keeps ${alert} quiet`);
}
const linked = new Set(rules.map((rule) => rule.annotations?.runbook_url));
for (const page of readdirSync(join(root, 'docs/runbooks'))) {
  if (page !== 'README.md' && !linked.has(`docs/runbooks/${page}`)) problems.push(`no alert links to ${page}`);
}

// ---- dashboard

const dashboard = JSON.parse(read(join(chart, 'files/dashboard.json')));
const panels = dashboard.panels.filter((panel) => panel.type !== 'row');
const ids = new Set(dashboard.panels.map((panel) => panel.id));
if (ids.size !== dashboard.panels.length) problems.push('dashboard: two panels have one id');
for (const panel of panels) {
  if (!panel.targets?.length) problems.push(`dashboard: ${panel.title} shows nothing`);
  for (const target of panel.targets ?? []) checkExpression(`dashboard: ${panel.title}`, target.expr);
}

for (const problem of problems) console.error(problem);
if (problems.length) process.exit(1);
console.log(`${served.size} metrics, ${rules.length} alerts, ${panels.length} panels`);
