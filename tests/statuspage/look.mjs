// Opens the status page in Chromium over the DevTools protocol (a pipe, no package) and checks what is there.
// Usage: node look.mjs ADMIN_URL PROFILE_DIRECTORY OUT_DIRECTORY
import {spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';

const [admin, profile, out] = process.argv.slice(2);
let failed = 0;
function check(what, holds, seen = '') {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds ? '' : `: ${JSON.stringify(seen)}`}`);
  if (!holds) failed += 1;
}

const chromium = spawn('chromium', [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
  '--disable-background-networking', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
const pending = new Map();
const events = [];
let lastId = 0;
let rest = '';
chromium.stdio[4].on('data', (chunk) => {
  rest += chunk.toString();
  const messages = rest.split('\0');
  rest = messages.pop();
  for (const text of messages) {
    const message = JSON.parse(text);
    if (message.id === undefined) {
      events.push(message);
      continue;
    }
    const {resolve, reject} = pending.get(message.id);
    pending.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }
});
function send(method, params = {}, sessionId = undefined) {
  const id = ++lastId;
  chromium.stdio[3].write(`${JSON.stringify({id, method, params, sessionId})}\0`);
  return new Promise((resolve, reject) => pending.set(id, {resolve, reject}));
}
const limit = setTimeout(() => {
  console.error('tests/statuspage: Chromium takes too long');
  chromium.kill('SIGKILL');
  process.exit(1);
}, 120000);

async function open(path, width, height, scheme) {
  const {targetId} = await send('Target.createTarget', {url: 'about:blank'});
  const {sessionId} = await send('Target.attachToTarget', {targetId, flatten: true});
  const call = (method, params) => send(method, params, sessionId);
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await call(`${domain}.enable`);
  await call('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile: width < 600});
  await call('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: scheme}]});
  await call('Page.navigate', {url: admin + path});
  const evaluate = async (expression) => {
    const {result, exceptionDetails} = await call(
        'Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  for (let i = 0; i < 200; ++i) {
    if (await evaluate("document.querySelectorAll('.card').length > 0")) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const picture = async (name) => {
    const {data} = await call('Page.captureScreenshot', {captureBeyondViewport: true});
    writeFileSync(`${out}/${name}.png`, Buffer.from(data, 'base64'));
  };
  return {evaluate, picture, call};
}

try {
  const light = await open('/', 1200, 900, 'light');
  check('the headline says ready', await light.evaluate("document.getElementById('headline').textContent") === 'ready');
  const headings = await light.evaluate("[...document.querySelectorAll('h3')].map((h) => h.textContent)");
  check('both accounts, queues, runs and failures are there',
        ['Pipedrive', 'Brevo', 'Queues', 'Runs', 'Last failures'].every((h) => headings.some((t) => t.startsWith(h))),
        headings);
  check('there are gauges', await light.evaluate("document.querySelectorAll('meter').length") >= 4);
  check('every gauge lies between empty and full',
        await light.evaluate("[...document.querySelectorAll('meter')].every((m) => m.value >= 0 && m.value <= 1)"));
  check('every gauge has its last hour',
        await light.evaluate("[...document.querySelectorAll('.gauge')].every((g) => g.querySelector('svg path')?.getAttribute('d').startsWith('M'))"));
  const runs = await light.evaluate("document.querySelector('tbody').textContent");
  check('the run is there', runs.includes('persons full') && runs.includes('succeeded'), runs);
  const now = await light.evaluate("document.getElementById('meta').textContent");
  let later = now;
  for (let i = 0; i < 120 && later === now; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    later = await light.evaluate("document.getElementById('meta').textContent");
  }
  check('it renews itself', later !== now, now);
  const lightGround = await light.evaluate('getComputedStyle(document.body).backgroundColor');
  await light.picture('light');

  const dark = await open('/status', 1200, 900, 'dark');
  const darkGround = await dark.evaluate('getComputedStyle(document.body).backgroundColor');
  check('dark is dark and light is light', lightGround === 'rgb(255, 255, 255)' && darkGround === 'rgb(14, 17, 22)',
        [lightGround, darkGround]);
  await dark.picture('dark');

  const phone = await open('/', 360, 740, 'light');
  const width = await phone.evaluate('document.documentElement.scrollWidth');
  check('a phone need not scroll sideways', width <= 360, width);
  await phone.picture('phone');

  // What a vendor or a record could say must stay text, and the policy must hold even if it did not.
  const hostile = await light.evaluate(`(() => {
    const status = {version: 'x', started_at: '2026-01-01T00:00:00.000Z', now: '2026-01-01T00:00:00.000Z', ready: false,
      problems: ['<img src=x onerror="window.hit=1"><script>window.hit=1</script>'], connections: [],
      history: {times: [], series: {}}};
    show(status);
    return document.getElementById('problems').children.length === 1 &&
        document.querySelector('#problems img, #problems script') === null && window.hit === undefined;
  })()`);
  check('markup in a problem stays text', hostile);
  // Outside the page's own world an evaluated script is exempt from the policy; an element of the page is not.
  await light.evaluate("{ const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s); }");
  check('an inline script does not run', await light.evaluate('window.hit === undefined'));

  const requests = events.filter((e) => e.method === 'Network.requestWillBeSent').map((e) => e.params.request.url);
  check('nothing is loaded from elsewhere', requests.length > 0 && requests.every((url) => url.startsWith(admin) || url.startsWith('about:') || url.startsWith('data:')), requests);
  const errors = events.filter((e) => e.method === 'Runtime.exceptionThrown');
  check('no script failed', errors.length === 0, errors.map((e) => e.params.exceptionDetails));
  const logged = events.filter((e) => e.method === 'Log.entryAdded' && e.params.entry.level === 'error')
      .map((e) => e.params.entry.text).filter((text) => !text.includes('inline script'));
  check('no error but the planted one is logged', logged.length === 0, logged);
} catch (error) {
  check('the page can be looked at', false, String(error));
} finally {
  clearTimeout(limit);
  chromium.kill('SIGTERM');
  await new Promise((resolve) => chromium.on('exit', resolve));
}
console.log(`tests/statuspage: ${failed === 0 ? 'passed' : `${failed} failed`}`);
process.exit(failed === 0 ? 0 : 1);
