/* What WCAG 2.2 asks of contrast (1.4.3, 1.4.11), by a reading of its own: texts below 4.5, and borders below 3
 * against what is around them. Returns a sentence for each. */
(() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const rgba = text => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { colour: [r, g, b], alpha: a };
  };
  const paper = rgba(getComputedStyle(document.body).backgroundColor).colour;
  const behind = element => {
    for (; element; element = element.parentElement) {
      const { colour, alpha } = rgba(getComputedStyle(element).backgroundColor);
      if (alpha === 1) return colour;
    }
    return paper;
  };
  const shown = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getBoundingClientRect().width > 1 && element.getBoundingClientRect().right > 0;
  const faults = [], seen = { texts: 0, borders: 0 };
  const judge = (what, element, a, b, least) => {
    const ratio = contrast(a, b);
    if (ratio < least)
      faults.push(`${what} of ${element.tagName}#${element.id}.${element.className}: ${ratio.toFixed(2)}`);
  };
  for (const element of document.body.querySelectorAll("*")) {
    if (!shown(element) || element.tagName === "SCRIPT" || element.tagName === "VIDEO") continue;
    const style = getComputedStyle(element);
    if ([...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) {
      seen.texts++;
      judge("text", element, rgba(style.color).colour, behind(element), 4.5);
    }
    const border = rgba(style.borderTopColor);
    if (parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none" && border.alpha > 0) {
      seen.borders++;
      judge("border", element, border.colour, behind(element.parentElement), 3);
    }
  }
  return { faults, ...seen };
})()
