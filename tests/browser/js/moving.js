() => {
  const long = list => list.split(",").some(one => parseFloat(one) > 0.01);
  const found = new Set();
  for (const element of document.querySelectorAll("*")) {
    for (const part of [null, "::before", "::after"]) {
      const style = getComputedStyle(element, part);
      const moves = (style.animationName !== "none" && long(style.animationDuration))
        || long(style.transitionDuration) || style.scrollBehavior === "smooth";
      if (moves) found.add(`${element.tagName}.${element.className} ${part ?? ""}`);
    }
  }
  return [...found];
}
