// The page: models, pictures, boxes, and what was found.
import { addBox, editBoxes, removeBox } from './boxes.js';
import { draw } from './draw.js';
import { coco, download, tags } from './save.js';

const $ = (id) => document.getElementById(id);
const canvas = $('picture');
const state = { bitmap: null, name: '', boxes: [], current: 0, persons: [], about: null,
  keypoint: -1, mix: 1, limit: 0.5, drawing: false };
const worker = new Worker('worker.js', { type: 'module' });
let call = 0; // of the latest question to the worker; older answers are dropped
let ready = false;
let stream = null;

function say(text, wrong = false) {
  $('status').textContent = text;
  $('status').classList.toggle('wrong', wrong);
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
    say('Ready. Choose a picture.');
    find();
  } else if (data.type === 'found') {
    state.persons = data.persons;
    const good = data.persons.flatMap((p) => p.scores).filter((s) => s >= state.limit).length;
    const all = data.persons.length * state.about.keypoints.length;
    say(`${good} of ${all} keypoints have a score of ${state.limit} or more ` +
      `(${Math.round(data.ms / Math.max(data.persons.length, 1))} ms each).`);
    document.body.dataset.done = String(data.id);
    show();
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

async function open(file) {
  stopCamera();
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
  } catch {
    say(`${file.name} is not a picture that this browser can read. Give a JPEG, PNG or WebP.`, true);
    return;
  }
  use(bitmap, file.name);
}

function use(bitmap, name) {
  Object.assign(state, { bitmap, name, boxes: [[0, 0, bitmap.width, bitmap.height]], current: 0,
    persons: [] });
  // A small picture is drawn larger, so that lines and points are smooth.
  const zoom = Math.max(1, Math.min(8, 900 / Math.max(bitmap.width, bitmap.height)));
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height].map((side) => Math.round(zoom * side));
  $('empty').hidden = true;
  canvas.setAttribute('aria-label', `${name}, ${bitmap.width} by ${bitmap.height} pixels`);
  find();
}

async function startCamera() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch (error) {
    const denied = error.name === 'NotAllowedError';
    say(denied ? 'The camera was not allowed. Allow it in the address bar, or choose a picture.'
      : `There is no camera that can be used (${error.name}). Choose a picture.`, true);
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
$('file').addEventListener('change', ({ target }) => target.files[0] && open(target.files[0]));
$('camera').addEventListener('click', startCamera);
$('shoot').addEventListener('click', async () => {
  const bitmap = await createImageBitmap($('video'));
  stopCamera();
  use(bitmap, 'camera.png');
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
const picture = () => ({ name: state.name, width: state.bitmap.width,
  height: state.bitmap.height, about: state.about });
$('save-coco').addEventListener('click', () =>
  download(coco(picture(), state.persons, state.limit), 'keypoints.json'));
$('save-tags').addEventListener('click', () => download(tags(picture(), state.persons), 'tags.json'));
for (const kind of ['dragover', 'dragleave', 'drop']) {
  $('drop').addEventListener(kind, (event) => {
    event.preventDefault();
    $('drop').classList.toggle('over', kind === 'dragover');
    if (kind === 'drop' && event.dataTransfer.files[0]) open(event.dataTransfer.files[0]);
  });
}

start();
