// The page: models, pictures, boxes, and what was found.
import { addBox, editBoxes, removeBox } from './boxes.js';
import { draw } from './draw.js';
import { coco, download, tags } from './save.js';

const $ = (id) => document.getElementById(id);
const canvas = $('picture');
// The picture that is shown, and how. `pictures` holds all of them with their boxes and persons.
const state = { bitmap: null, name: '', boxes: [], current: 0, persons: [], about: null,
  keypoint: -1, mix: 1, limit: 0.5, drawing: false };
const pictures = [];
let index = -1;
let complaint = ''; // about files that are no pictures
const worker = new Worker('worker.js', { type: 'module' });
let call = 0; // of the latest question to the worker; older answers are dropped
let ready = false;
let stream = null;

function say(text, wrong = false) {
  $('status').textContent = text;
  $('status').classList.toggle('wrong', Boolean(wrong));
}

// --- models -------------------------------------------------------------------------------

async function start() {
  const answer = await fetch('models/index.json').catch(() => null);
  if (!answer?.ok) {
    say('The models are missing: build this page by `make browser`.', true);
    return;
  }
  if (await isolate()) return;
  const models = await answer.json();
  models.forEach((about, i) => {
    const label = document.createElement('label');
    const choice = Object.assign(document.createElement('input'), { type: 'radio', name: 'model' });
    choice.checked = i === 0;
    choice.addEventListener('change', () => load(about));
    label.append(choice, `${about.title} (${about.megabytes} MB)`);
    $('models').append(label);
  });
  load(models[0]);
}

/** Register the service worker; true if the page is about to be loaded again behind it. */
async function isolate() {
  if (!('serviceWorker' in navigator)) return false;
  await navigator.serviceWorker.register('sw.js').catch(() => null);
  if (crossOriginIsolated || sessionStorage.getItem('again')) return false;
  const done = navigator.serviceWorker.ready.then(() => true);
  const late = new Promise((resolve) => setTimeout(resolve, 20000, false));
  if (!(await Promise.race([done, late]))) return false;
  sessionStorage.setItem('again', '1'); // once: where it does not help, one thread does
  location.reload();
  return true;
}

function load(about) {
  ready = false;
  state.about = about;
  state.persons = [];
  pictures.forEach((picture) => Object.assign(picture, { persons: [] }));
  say(`Loading the model of ${about.title}.`);
  $('progress').hidden = false;
  $('keypoint').replaceChildren(new Option('all', -1),
    ...about.keypoints.map((name, k) => new Option(name, k)));
  state.keypoint = -1;
  const asked = new URLSearchParams(location.search).get('threads');
  const most = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
  worker.postMessage({ type: 'load', id: ++call, url: `models/${about.file}`, description: about,
    threads: asked ? Math.min(Number(asked), most) : most });
  show();
}

worker.onmessage = ({ data }) => {
  if (data.id !== call) return;
  if (data.type === 'progress') $('progress').value = data.share;
  else if (data.type === 'loaded') {
    ready = true;
    document.body.dataset.threads = data.threads;
    $('progress').hidden = true;
    say('Ready. Choose pictures.');
    find();
  } else if (data.type === 'found') {
    state.persons = data.persons;
    const good = data.persons.flatMap((p) => p.scores).filter((s) => s >= state.limit).length;
    const all = data.persons.length * state.about.keypoints.length;
    say(`${good} of ${all} keypoints have a score of ${state.limit} or more ` +
      `(${Math.round(data.ms / Math.max(data.persons.length, 1))} ms each). ${complaint}`, complaint);
    show();
    if (!nextUnseen()) document.body.dataset.done = String(data.id);
  } else {
    $('progress').hidden = true;
    say(`The model failed: ${data.message}`, true);
  }
};
worker.onerror = () => say('This browser cannot run the model. Try a current one.', true);

function find() {
  if (!ready || !state.bitmap || !state.boxes.length) {
    show();
    return;
  }
  const { width, height } = state.bitmap;
  const copy = new OffscreenCanvas(width, height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(state.bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  say('Looking.');
  worker.postMessage({ type: 'find', id: ++call, picture: { data, width, height },
    boxes: state.boxes }, [data.buffer]);
}

// --- pictures -----------------------------------------------------------------------------

async function open(files) {
  stopCamera();
  const bad = [];
  complaint = '';
  const before = pictures.length;
  for (const file of files) {
    try {
      const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
      pictures.push(asPicture(bitmap, file.name));
    } catch {
      bad.push(file.name);
    }
  }
  if (pictures.length > before) turnTo(before);
  if (bad.length) {
    const are = bad.length > 1 ? 'are no pictures' : 'is not a picture';
    complaint = `${bad.join(', ')} ${are} that this browser can read. Give JPEG, PNG or WebP.`;
    say(complaint, true);
  }
}

const asPicture = (bitmap, name) => ({ bitmap, name, current: 0, persons: [],
  boxes: [[0, 0, bitmap.width, bitmap.height]] });

/** Keep what was done with the shown picture. */
function keep() {
  const { boxes, current, persons } = state;
  if (index >= 0) Object.assign(pictures[index], { boxes, current, persons });
}

function turnTo(number) {
  keep();
  index = number;
  Object.assign(state, pictures[index]);
  const { bitmap, name } = state;
  // A small picture is drawn larger, so that lines and points are smooth.
  const zoom = Math.max(1, Math.min(8, 900 / Math.max(bitmap.width, bitmap.height)));
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height].map((side) => Math.round(zoom * side));
  $('empty').hidden = true;
  $('which').hidden = pictures.length < 2;
  $('shown').replaceChildren(...pictures.map((p, i) => new Option(`${i + 1}: ${p.name}`, i)));
  $('shown').value = index;
  canvas.setAttribute('aria-label', `${name}, ${bitmap.width} by ${bitmap.height} pixels`);
  if (state.persons.length) show();
  else find();
}

/** Look at a picture that was not looked at yet; false if there is none. */
function nextUnseen() {
  keep();
  const number = pictures.findIndex(({ persons, boxes }) => boxes.length && !persons.length);
  if (number >= 0) turnTo(number);
  return number >= 0;
}

async function startCamera() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch (error) {
    const denied = error.name === 'NotAllowedError';
    say(denied ? 'The camera was not allowed. Allow it in the address bar, or choose pictures.'
      : `There is no camera that can be used (${error.name}). Choose pictures.`, true);
    return;
  }
  $('video').srcObject = stream;
  await $('video').play();
  [$('video').hidden, canvas.hidden, $('empty').hidden, $('shoot').hidden] = [false, true, true, false];
  $('shoot').focus();
  say('The camera is on.');
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  [$('video').hidden, canvas.hidden, $('shoot').hidden] = [true, false, true];
}

// --- the page -----------------------------------------------------------------------------

function show() {
  const { boxes, current, persons, about, limit } = state;
  if (state.bitmap) draw(canvas, state);
  $('person').replaceChildren(...boxes.map((_, i) => new Option(`${i + 1}`, i)));
  $('person').value = current;
  const person = persons[current];
  $('caption').textContent = person ? `Keypoints of box ${current + 1}` : 'Keypoints';
  $('rows').replaceChildren(...(person ? about.keypoints : []).map((name, k) => {
    const row = document.createElement('tr');
    row.classList.toggle('low', person.scores[k] < limit);
    const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: name });
    row.append(head, ...[person.scores[k], person.probs[k]].map((value) =>
      Object.assign(document.createElement('td'), { textContent: value.toFixed(2) })));
    return row;
  }));
  $('save-coco').disabled = $('save-tags').disabled = !persons.length;
}

editBoxes(canvas, state, (done) => {
  state.persons = done ? state.persons : [];
  if (done) find();
  else show();
});
$('file').addEventListener('change', ({ target }) => open(target.files));
$('camera').addEventListener('click', startCamera);
$('shoot').addEventListener('click', async () => {
  const bitmap = await createImageBitmap($('video'));
  stopCamera();
  pictures.push(asPicture(bitmap, `camera-${pictures.length + 1}.png`));
  turnTo(pictures.length - 1);
});
$('whole').addEventListener('click', () => {
  if (!state.bitmap) return;
  state.boxes = [[0, 0, state.bitmap.width, state.bitmap.height]];
  state.current = 0;
  find();
});
$('add').addEventListener('click', () => {
  if (!state.bitmap) return;
  addBox(state);
  canvas.focus();
  find();
});
$('remove').addEventListener('click', () => {
  removeBox(state);
  state.persons = [];
  find();
});
$('person').addEventListener('change', ({ target }) => {
  state.current = Number(target.value);
  show();
});
$('keypoint').addEventListener('change', ({ target }) => {
  state.keypoint = Number(target.value);
  show();
});
$('mix').addEventListener('input', ({ target }) => {
  state.mix = target.value / 100;
  show();
});
$('limit').addEventListener('input', ({ target }) => {
  state.limit = Number(target.value);
  $('limit-value').textContent = target.value;
  show();
});
$('shown').addEventListener('change', ({ target }) => turnTo(Number(target.value)));
function all() {
  keep();
  return pictures.map(({ name, bitmap, persons }) => ({ name, persons, width: bitmap.width,
    height: bitmap.height }));
}
$('save-coco').addEventListener('click', () =>
  download(coco(all(), state.about, state.limit), 'keypoints.json'));
$('save-tags').addEventListener('click', () => download(tags(all(), state.about), 'tags.json'));
for (const kind of ['dragover', 'dragleave', 'drop']) {
  $('drop').addEventListener(kind, (event) => {
    event.preventDefault();
    $('drop').classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') open(event.dataTransfer.files);
  });
}

start();
