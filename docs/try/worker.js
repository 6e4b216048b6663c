// Runs the model beside the page, so that the page stays alive.
import * as ort from './vendor/ort.wasm.min.mjs';
import { cutOut, placement, toPicture } from './geometry.js';

ort.env.wasm.wasmPaths = new URL('./vendor/', import.meta.url).href;
let session = null;
let about = null;

onmessage = async ({ data }) => {
  try {
    if (data.type === 'load') await load(data);
    else await find(data);
  } catch (error) {
    postMessage({ type: 'failed', id: data.id, message: String(error?.message ?? error) });
  }
};

async function load({ id, url, description, threads }) {
  ort.env.wasm.numThreads = threads;
  const model = await fetchAll(url, (share) => postMessage({ type: 'progress', id, share }));
  session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  about = description;
  postMessage({ type: 'loaded', id, threads });
}

async function fetchAll(url, tell) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The model could not be loaded (${answer.status}).`);
  const size = Number(answer.headers.get('Content-Length')) || 0;
  const parts = [];
  let got = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    got += value.length;
    if (size) tell(Math.min(got / size, 1));
  }
  const all = new Uint8Array(got);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function find({ id, picture, boxes }) {
  const size = about.input_size;
  const start = performance.now();
  const persons = [];
  for (const box of boxes) {
    const place = placement(box, size, about.padding);
    const crop = new ort.Tensor('float32', cutOut(picture, place, size), [1, 3, size[1], size[0]]);
    const found = await session.run({ crops: crop });
    persons.push(person(found, box, place, size));
  }
  postMessage({ type: 'found', id, persons, ms: performance.now() - start });
}

function person({ keypoints, scores, probs, heatmaps, cams }, box, place, size) {
  const points = [];
  for (let k = 0; k < keypoints.dims[1]; k++) {
    points.push(toPicture(keypoints.data[2 * k], keypoints.data[2 * k + 1], place, size));
  }
  const [, , height, width] = heatmaps.dims;
  return {
    box,
    place,
    keypoints: points,
    scores: Array.from(scores.data),
    probs: Array.from(probs.data),
    maps: { width, height, refined: heatmaps.data, activation: cams.data },
  };
}
