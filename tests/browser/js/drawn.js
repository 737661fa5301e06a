// What has no words of its own and is drawn.
() => {
  const found = [];
  const seen = new Set();
  for (const element of document.querySelectorAll("svg, img[src$='.svg'], button, summary, a[href]")) {
    const words = element.matches("svg, img") ? "" : element.innerText.trim();
    if (words || element.querySelector("img, svg")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const kind = `${element.tagName}.${element.getAttribute("class")}`;
    const box = element.getBoundingClientRect();
    if (seen.has(kind) || box.width < 2 || box.height < 2) continue;
    seen.add(kind);
    element.dataset.drawn = seen.size;
    found.push([kind, seen.size]);
  }
  return found;
}
