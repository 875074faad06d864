import { setServerTime, startCountdowns } from './countdown.js';
import { morph } from './morph.js';
import { followThemeButton } from './theme-button.js';

/** What tells of news worth reading at once. */
const NEWS = ['incident-opened', 'incident-closed', 'incident-goes-on', 'state-changed', 'lost'];
/** Figures that move while an incident is open are read so often. */
const WHILE_OPEN_MS = 1_500;
/** A page that cannot be had in this time is not waited for. */
const DEADLINE_MS = 10_000;

const everyMs = Number(document.body.dataset['every']) || 5_000;
let readMs = performance.now();
/** @type {AbortController | undefined} */
let reading;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Reads the page anew and takes over what has changed. */
async function refresh() {
  clearTimeout(timer);
  reading?.abort();
  const own = new AbortController();
  reading = own;
  const deadline = setTimeout(() => own.abort(), DEADLINE_MS);
  try {
    const answer = await fetch(location.href, { cache: 'no-store', signal: own.signal });
    const text = await answer.text();
    if (reading !== own) return;
    connected(show(new DOMParser().parseFromString(text, 'text/html')));
  } catch {
    if (reading === own) connected(false);
  } finally {
    clearTimeout(deadline);
    if (reading === own) {
      reading = undefined;
      readMs = performance.now();
      timer = setTimeout(refreshIfSeen, everyMs);
    }
  }
}

/**
 * @param {Document} next
 * @returns {boolean} whether it is a page of ours
 */
function show(next) {
  if (!next.getElementById('main')) return false;
  for (const id of ['main', 'as-of']) {
    const [current, wanted] = [document.getElementById(id), next.getElementById(id)];
    if (current && wanted) morph(current, wanted);
  }
  if (document.title !== next.title) document.title = next.title;
  takeServerTime();
  document.dispatchEvent(new Event('vigie:refreshed'));
  return true;
}

function takeServerTime() {
  setServerTime(document.querySelector('#as-of time')?.getAttribute('datetime') ?? '');
}

function refreshIfSeen() {
  if (document.visibilityState === 'visible') void refresh();
}

/** @param {boolean} isConnected */
function connected(isConnected) {
  const offline = document.getElementById('offline');
  if (offline) offline.textContent = isConnected ? '' : (offline.dataset['words'] ?? '');
  const connection = document.getElementById('connection');
  const word = connection?.querySelector('.word');
  if (!connection || !word) return;
  connection.hidden = false;
  connection.classList.toggle('lost', !isConnected);
  word.textContent = connection.dataset[isConnected ? 'live' : 'paused'] ?? '';
}

/** @param {string} address */
function follow(address) {
  const events = new EventSource(address);
  for (const kind of NEWS) events.addEventListener(kind, refreshIfSeen);
  events.addEventListener('evaluation', (/** @type {MessageEvent<unknown>} */ { data }) => {
    const isOpen = tellsOfOpenIncident(data);
    if (!reading && performance.now() - readMs >= (isOpen ? WHILE_OPEN_MS : everyMs)) refreshIfSeen();
  });
  events.addEventListener('open', () => connected(true));
  // The browser comes back by itself; meanwhile the page is read now and then.
  events.addEventListener('error', () => connected(false));
}

/**
 * Whether one of the members whose figures have changed has an incident that goes on.
 *
 * @param {unknown} data of an `evaluation`, in JSON
 */
function tellsOfOpenIncident(data) {
  return /"openSince":"/.test(String(data));
}

/** The filters act as they are set; the address keeps up, so that it can be passed on. */
function followFilters() {
  const form = document.getElementById('filters');
  if (!(form instanceof HTMLFormElement)) return;
  const apply = () => {
    const wishes = [...new FormData(form)].flatMap(([name, value]) =>
      typeof value !== 'string' || value === '' || value === 'all' ? [] : [[name, value]],
    );
    const query = new URLSearchParams(wishes).toString();
    history.replaceState(null, '', query === '' ? '/' : `/?${query}`);
    void refresh();
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
}

takeServerTime();
startCountdowns();
followThemeButton();
followFilters();
document.addEventListener('visibilitychange', refreshIfSeen);
timer = setTimeout(refreshIfSeen, everyMs);
const address = document.body.dataset['events'];
if (address) follow(address);
else connected(true);
