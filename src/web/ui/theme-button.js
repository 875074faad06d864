const THEMES = /** @type {const} */ (['auto', 'light', 'dark']);

/** Lets the button go through the themes; the choice is kept where storage is allowed. */
export function followThemeButton() {
  const button = document.getElementById('theme');
  if (!(button instanceof HTMLButtonElement)) return;
  const show = () => {
    button.textContent = button.dataset[current()] ?? '';
  };
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length] ?? 'auto';
    choose(next);
    show();
    document.dispatchEvent(new Event('vigie:theme'));
  });
  show();
  button.hidden = false;
}

/** @returns {(typeof THEMES)[number]} */
function current() {
  const theme = document.documentElement.dataset['theme'];
  return THEMES.find((one) => one === theme) ?? 'auto';
}

/** @param {(typeof THEMES)[number]} theme */
function choose(theme) {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'auto') localStorage.removeItem('vigie.theme');
    else localStorage.setItem('vigie.theme', theme);
  } catch {
    // Storage is forbidden: the choice holds until the page is left.
  }
}
