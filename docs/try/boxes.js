// Boxes by mouse, finger and keyboard.

const LEAST = 8; // pixels of the picture

/**
 * Let a user draw and move boxes on a canvas.
 *
 * @param state {bitmap, boxes, current}; boxes are [x1, y1, x2, y2] in pixels of the picture.
 * @param changed Called with true when a box is done, with false while it moves.
 */
export function editBoxes(canvas, state, changed) {
  let from = null;
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * state.bitmap.width,
      ((event.clientY - frame.top) / frame.height) * state.bitmap.height,
    ];
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (!state.bitmap || event.button) return;
    from = at(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!from) return;
    const box = spanned(from, at(event), state.bitmap);
    if (!large(box)) return;
    if (!state.drawing) {
      state.drawing = true;
      state.boxes.push(box);
      state.current = state.boxes.length - 1;
    }
    state.boxes[state.current] = box;
    changed(false);
  });
  const end = (event) => {
    if (from && state.drawing) changed(true);
    else if (from) choose(at(event), state) && changed(true);
    from = null;
    state.drawing = false;
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
  canvas.addEventListener('keydown', (event) => {
    if (!state.boxes.length) return;
    if (event.key === 'Delete' || event.key === 'Backspace') removeBox(state);
    else if (!move(event, state)) return;
    event.preventDefault();
    changed(true);
  });
}

export function addBox(state) {
  const { width: w, height: h } = state.bitmap;
  state.boxes.push([w / 4, h / 8, (3 * w) / 4, (7 * h) / 8]);
  state.current = state.boxes.length - 1;
}

export function removeBox(state) {
  state.boxes.splice(state.current, 1);
  state.current = Math.max(0, Math.min(state.current, state.boxes.length - 1));
}

function spanned([x1, y1], [x2, y2], { width, height }) {
  const inside = (value, most) => Math.min(Math.max(value, 0), most);
  return [
    inside(Math.min(x1, x2), width),
    inside(Math.min(y1, y2), height),
    inside(Math.max(x1, x2), width),
    inside(Math.max(y1, y2), height),
  ];
}

const large = ([x1, y1, x2, y2]) => x2 - x1 >= LEAST && y2 - y1 >= LEAST;

function choose([x, y], state) {
  const size = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
  const hit = state.boxes
    .map((box, i) => [size(box), i, box])
    .filter(([, , [x1, y1, x2, y2]]) => x >= x1 && x <= x2 && y >= y1 && y <= y2)
    .sort((a, b) => a[0] - b[0])[0];
  if (!hit || hit[1] === state.current) return false;
  state.current = hit[1];
  return true;
}

function move(event, state) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[event.key];
  if (!way) return false;
  const { width, height } = state.bitmap;
  const step = Math.max(width, height) / 50;
  const [dx, dy] = way.map((value) => value * step);
  let [x1, y1, x2, y2] = state.boxes[state.current];
  [x2, y2] = [x2 + dx, y2 + dy];
  if (!event.shiftKey) [x1, y1] = [x1 + dx, y1 + dy];
  const box = [x1, y1, x2, y2];
  const out = x1 < 0 || y1 < 0 || x2 > width || y2 > height;
  if (!out && large(box)) state.boxes[state.current] = box;
  return true;
}
