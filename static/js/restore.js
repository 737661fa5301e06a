// The reader's text size and theme, before anything is painted.
try {
  for (const name of ["size", "theme"]) {
    const kept = localStorage.getItem(name);
    if (kept) document.documentElement.dataset[name] = kept;
  }
} catch {
  // Storage is switched off: the page keeps its defaults.
}
