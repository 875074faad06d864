const UNITS = /** @type {const} */ ([
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]);

/** By how much the server's clock is ahead of ours, in milliseconds. */
let aheadMs = 0;

/**
 * Says what time it is where the figures come from, so that a wrong clock of ours shows no wrong deadline.
 *
 * @param {string} at the instant of the page, RFC 3339
 */
export function setServerTime(at) {
  const atMs = Date.parse(at);
  if (!Number.isNaN(atMs)) aheadMs = atMs - Date.now();
}

/** Lets everything with a `data-deadline` run, second by second. */
export function startCountdowns() {
  tick();
  setInterval(tick, 1_000);
  document.addEventListener('vigie:refreshed', tick);
}

function tick() {
  const nowMs = Date.now() + aheadMs;
  for (const element of document.querySelectorAll('[data-deadline]')) {
    if (!(element instanceof HTMLElement)) continue;
    const leftMs = Date.parse(element.dataset['deadline'] ?? '') - nowMs;
    const words = leftMs < 0 ? element.dataset['over'] : element.dataset['left'];
    element.textContent = `${words ?? ''} ${durationText(Math.trunc(Math.abs(leftMs) / 1000))}`;
  }
}

/**
 * @param {number} seconds
 * @returns {string} as the server writes it
 */
function durationText(seconds) {
  const { lang } = document.documentElement;
  const names = { day: lang === 'fr' ? 'j' : 'd', hour: 'h', minute: 'min', second: 's' };
  let rest = seconds;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 || (unit === 'second' && seconds === 0) ? [`${count}\u00a0${names[unit]}`] : [];
  });
  return parts.join(' ');
}
