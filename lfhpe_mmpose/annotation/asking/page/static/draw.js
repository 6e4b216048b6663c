'use strict';
/* Drawing: the picture with its window or circles, and the help drawing of the keypoint set. */

const SVG = 'http://www.w3.org/2000/svg';

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

/* The part of the image that is shown: around the person, or everything. */
function shownPart(question, zoomed) {
  const [width, height] = question.size;
  if (!zoomed) return [0, 0, width, height];
  const [x, y, w, h] = question.whole;
  const margin = 0.12 * Math.max(w, h);
  const left = Math.max(0, x - margin), top = Math.max(0, y - margin);
  const right = Math.min(width, x + w + margin), bottom = Math.min(height, y + h + margin);
  return [left, top, Math.max(1, right - left), Math.max(1, bottom - top)];
}

function drawPicture(svg, question, address, zoomed, values, onCircle) {
  svg.replaceChildren();
  const [width, height] = question.size;
  const part = shownPart(question, zoomed);
  svg.setAttribute('viewBox', part.join(' '));
  const unit = Math.max(part[2], part[3]) / 400;
  element('image', { href: address, x: 0, y: 0, width, height, preserveAspectRatio: 'none' }, svg);
  // A window may reach beyond the image; its frame is drawn where it can be seen.
  const edge = unit, [ox, oy, ow, oh] = question.window;
  const x = Math.max(ox, part[0] + edge), y = Math.max(oy, part[1] + edge);
  const w = Math.max(1, Math.min(ox + ow, part[0] + part[2] - edge) - x);
  const h = Math.max(1, Math.min(oy + oh, part[1] + part[3] - edge) - y);
  if (question.kind !== 'confirm') {
    const hole = `M${x},${y}v${h}h${w}v${-h}z`;
    element('path', { d: `M0,0h${width}v${height}h${-width}z${hole}`, 'fill-rule': 'evenodd',
      fill: '#000', 'fill-opacity': question.kind === 'window' ? 0.6 : 0.45 }, svg);
    element('rect', { x, y, width: w, height: h, fill: 'none', stroke: '#000',
      'stroke-width': 4 * unit }, svg);
    element('rect', { x, y, width: w, height: h, fill: 'none', stroke: '#ffd21f', id: 'window',
      'stroke-width': 2 * unit }, svg);
    return;
  }
  question.circles.forEach(([keypoint, cx, cy, r], i) => {
    const wrong = values[i] === 0, unsure = values[i] === -1;
    const colour = wrong ? '#ff5964' : unsure ? '#ffd21f' : '#3ddc84';
    const group = element('g', { class: 'circle', tabindex: -1, 'data-index': i }, svg);
    element('circle', { cx, cy, r, fill: '#000', 'fill-opacity': 0, stroke: '#000',
      'stroke-width': 3.6 * unit }, group);
    element('circle', { cx, cy, r, fill: colour, 'fill-opacity': wrong ? 0.35 : 0.05, stroke: colour,
      'stroke-width': 1.8 * unit, 'stroke-dasharray': unsure ? `${4 * unit} ${3 * unit}` : 'none' }, group);
    const label = element('text', { x: cx, y: cy - r - 2 * unit, fill: '#fff', stroke: onCircle.colour(keypoint),
      'stroke-width': 3 * unit, 'paint-order': 'stroke', 'font-size': 8.5 * unit,
      'text-anchor': 'middle', 'font-family': 'system-ui, sans-serif' }, group);
    label.textContent = onCircle.label(keypoint);
    group.addEventListener('click', () => onCircle.toggle(i));
  });
}

const SIDES = { left: '#1558ab', right: '#a8510b', '': '#3c4650' };

function drawHelp(svg, about, asked) {
  svg.replaceChildren();
  const place = (k) => about.drawing[k].map((v) => 100 * v);
  for (const [a, b] of about.skeleton) {
    const [x1, y1] = place(a), [x2, y2] = place(b);
    element('line', { x1, y1, x2, y2, stroke: '#8a96a3', 'stroke-width': 1.5 }, svg);
  }
  about.names.forEach((name, k) => {
    const [cx, cy] = place(k), now = asked.includes(k);
    const dot = element('circle', { cx, cy, r: now ? 5 : 2, fill: SIDES[about.sides[k]] }, svg);
    element('title', {}, dot).textContent = name;
    if (!now) return;
    const label = element('text', { x: cx, y: cy + 2.6, fill: '#fff', 'font-size': 7.5,
      'font-weight': 700, 'text-anchor': 'middle', 'font-family': 'system-ui, sans-serif' }, svg);
    label.textContent = about.keys[k];
  });
  element('text', { x: -12, y: 112, 'font-size': 7, fill: 'currentColor' }, svg).textContent = 'right';
  element('text', { x: 112, y: 112, 'font-size': 7, fill: 'currentColor', 'text-anchor': 'end' }, svg)
    .textContent = 'left';
}
