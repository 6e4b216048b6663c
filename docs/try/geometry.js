// From a box to the network's input and back, as lfhpe_mmpose/runtime/crops.py does.

/** The part of the picture that a crop shows: its centre, width and height in pixels. */
export function placement([x1, y1, x2, y2], [inputWidth, inputHeight], padding) {
  let width = (x2 - x1) * padding;
  let height = (y2 - y1) * padding;
  const aspect = inputWidth / inputHeight;
  if (width > height * aspect) height = width / aspect;
  else width = height * aspect;
  return { x: (x1 + x2) / 2, y: (y1 + y2) / 2, width, height };
}

/**
 * Cut out a crop, resampled bilinearly in steps of 1/32 pixel as OpenCV's warpAffine does, black
 * beyond the picture.
 *
 * @param picture {data, width, height}: RGBA.
 * @returns {Float32Array} 3 * height * width, RGB, 0 to 255.
 */
export function cutOut(picture, place, [width, height]) {
  const { data } = picture;
  const out = new Float32Array(3 * width * height);
  const ratio = place.width / width;
  const left = place.x - (ratio * width) / 2;
  const top = place.y - (ratio * height) / 2;
  const area = width * height;
  for (let y = 0; y < height; y++) {
    const sy = (Math.round(ratio * y * 1024) + Math.round(top * 1024) + 16) >> 5;
    for (let x = 0; x < width; x++) {
      const sx = (Math.round(ratio * x * 1024) + Math.round(left * 1024) + 16) >> 5;
      const at = y * width + x;
      mix(data, picture, sx >> 5, sy >> 5, (sx & 31) / 32, (sy & 31) / 32, out, at, area);
    }
  }
  return out;
}

function mix(data, { width, height }, x, y, fx, fy, out, at, area) {
  let r = 0;
  let g = 0;
  let b = 0;
  for (let dy = 0; dy < 2; dy++) {
    const row = y + dy;
    const wy = dy ? fy : 1 - fy;
    if (row < 0 || row >= height || !wy) continue;
    for (let dx = 0; dx < 2; dx++) {
      const column = x + dx;
      const weight = wy * (dx ? fx : 1 - fx);
      if (column < 0 || column >= width || !weight) continue;
      const from = 4 * (row * width + column);
      r += weight * data[from];
      g += weight * data[from + 1];
      b += weight * data[from + 2];
    }
  }
  out[at] = Math.round(r);
  out[area + at] = Math.round(g);
  out[2 * area + at] = Math.round(b);
}

/** A point of a crop in pixels of the picture. */
export function toPicture(x, y, place, [width, height]) {
  return [
    (x / width) * place.width + place.x - place.width / 2,
    (y / height) * place.height + place.y - place.height / 2,
  ];
}
