// Whatever can take the focus by Tab, in the order of the document; of radio buttons one a group.
() => {
  window.looks = element => [element, element.parentElement, element.parentElement.parentElement]
    .map(box => getComputedStyle(box))
    .map(style => [style.boxShadow, style.borderColor, style.backgroundColor].join()).join();
  const seen = element => !element.closest("[inert]") && element.getClientRects().length > 0
    && element.checkVisibility({ visibilityProperty: true });
  const can = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable],"
    + "audio[controls], video[controls]";
  const groups = new Map();
  window.stops = [...document.querySelectorAll(can)].filter(element => {
    if (element.tabIndex < 0 || element.disabled || element.type === "hidden") return false;
    if (element.type !== "radio") return seen(element);
    const group = groups.get(element.name) ?? document.querySelector(
      `input[type=radio][name="${element.name}"]:checked`) ?? element;
    groups.set(element.name, group);
    return group === element && seen(element);
  });
  window.plain = new Map(window.stops.map(element => [element, window.looks(element)]));
  return window.stops.length;
}
