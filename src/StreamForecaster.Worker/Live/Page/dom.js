// Small things to build the page with; text goes in as text, never as HTML.

export const find = (id) => document.getElementById(id);

/** An element with a class and children (elements or text). */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets text only where it differs, so that a selection survives. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A path through values, in a box of so much width and height; a gap stays one. */
export function path(values, width, height) {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return '';
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let drawing = '';
  let open = false;
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      open = false;
      return;
    }
    const y = span > 0 ? height - 2 - (value - low) / span * (height - 4) : height / 2;
    drawing += `${open ? 'L' : 'M'}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    open = true;
  });
  return drawing;
}

/** An SVG with one line in it, and the function that redraws it. */
export function line(width, height, className) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.append(drawn);
  return { svg, draw: (values) => drawn.setAttribute('d', path(values, width, height)) };
}

/** A colour, or any custom property, of the style sheet as it is now. */
export const style = (property) => getComputedStyle(document.documentElement).getPropertyValue(property).trim();
