// The picture with boxes, skeletons and maps.

const LIMB = '#2891eb';
const POINT = '#ffdc3c';

/**
 * Draw everything.
 *
 * @param canvas Has the shape of the picture.
 * @param state {bitmap, boxes, current, persons, about, keypoint, mix, limit}
 */
export function draw(canvas, state) {
  const { bitmap, boxes, current, persons, about } = state;
  const context = canvas.getContext('2d');
  const zoom = canvas.width / bitmap.width;
  context.setTransform(zoom, 0, 0, zoom, 0, 0);
  context.drawImage(bitmap, 0, 0);
  const unit = Math.max(bitmap.width, bitmap.height) / 400;
  if (state.keypoint >= 0 && persons[current]) drawMap(context, persons[current], state);
  persons.forEach((person) => person && drawSkeleton(context, person, about, state, unit));
  context.setLineDash([4 * unit, 3 * unit]);
  boxes.forEach((box, i) => {
    context.lineWidth = (i === current ? 2 : 1) * unit;
    context.strokeStyle = i === current ? '#ff6a00' : '#ffffffcc';
    context.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  });
  context.setLineDash([]);
}

function drawSkeleton(context, person, about, { limit, keypoint }, unit) {
  const { keypoints, scores } = person;
  const thick = Math.max(1.5 * unit, 1);
  context.lineWidth = thick;
  context.strokeStyle = LIMB;
  for (const [a, b] of about.skeleton) {
    if (scores[a] < limit || scores[b] < limit) continue;
    context.beginPath();
    context.moveTo(...keypoints[a]);
    context.lineTo(...keypoints[b]);
    context.stroke();
  }
  keypoints.forEach(([x, y], k) => {
    if (k !== keypoint && scores[k] < limit) return;
    context.beginPath();
    context.arc(x, y, (k === keypoint ? 2 : 1.3) * thick, 0, 2 * Math.PI);
    context.fillStyle = k === keypoint ? '#ff6a00' : POINT;
    context.fill();
    context.strokeStyle = '#000';
    context.lineWidth = thick / 3;
    context.stroke();
    context.strokeStyle = LIMB;
    context.lineWidth = thick;
  });
}

/** A map of one keypoint over its crop: between the activation map and the refined map. */
function drawMap(context, person, { keypoint, mix }) {
  const { width, height, refined, activation } = person.maps;
  const area = width * height;
  const part = (all) => all.subarray(keypoint * area, (keypoint + 1) * area);
  const [first, second] = [scaled(part(activation)), scaled(part(refined))];
  const layer = new OffscreenCanvas(width, height);
  const inner = layer.getContext('2d');
  const pixels = inner.createImageData(width, height);
  for (let i = 0; i < area; i++) {
    const value = (1 - mix) * first[i] + mix * second[i];
    pixels.data.set([255, Math.round(60 + 160 * (1 - value)), 0, Math.round(210 * value)], 4 * i);
  }
  inner.putImageData(pixels, 0, 0);
  const { x, y, width: w, height: h } = person.place;
  context.imageSmoothingEnabled = true;
  context.drawImage(layer, x - w / 2, y - h / 2, w, h);
}

/** Values from 0 to 1. */
function scaled(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = Math.max(high - low, 1e-9);
  return Float32Array.from(values, (value) => (value - low) / range);
}
