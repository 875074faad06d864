// Before anything is painted: a theme that was chosen is put on the document. A classic script, for a module would wait.
(() => {
  /** @returns {string | null} */
  const chosen = () => {
    try {
      return localStorage.getItem('vigie.theme');
    } catch {
      return null; // Storage is forbidden: the system's theme it is.
    }
  };
  const theme = chosen();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
})();
