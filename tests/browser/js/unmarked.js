// In forced colours a background is no sign of anything: the chosen one of several must differ, by
// what is left, from what it would be if it weren't.
() => {
  const said = element => {
    const style = getComputedStyle(element);
    return ["color", "fontWeight", "textDecorationLine", "outlineStyle", "borderStyle",
      "borderWidth", "borderColor"].map(name => style[name]).join();
  };
  const found = [];
  for (const state of ["aria-current", "aria-pressed", "aria-selected"]) {
    for (const element of document.querySelectorAll(`[${state}]:not([${state}="false"])`)) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const chosen = said(element), value = element.getAttribute(state);
      element.removeAttribute(state);
      if (said(element) === chosen) found.push(element.outerHTML.slice(0, 120));
      element.setAttribute(state, value);
    }
  }
  return found;
}
