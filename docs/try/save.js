// What was found, as files: keypoints in COCO's form, and tags in the form of docs/tag-format.md.

/** A probability of at least SURE says visible, of at most 1 - SURE absent, others nothing. */
const SURE = 0.9;

function base(pictures, about) {
  return {
    images: pictures.map(({ name, width, height }, i) => ({
      id: i + 1,
      file_name: name,
      width,
      height,
    })),
    categories: [
      {
        id: 1,
        name: about.name,
        keypoints: about.keypoints,
        skeleton: about.skeleton.map(([a, b]) => [a + 1, b + 1]),
      },
    ],
  };
}

/** Entries of all persons; `rest` gives what differs between the two forms. */
function entries(pictures, rest) {
  const all = pictures.flatMap(({ persons }, i) => persons.map((person) => [person, i + 1]));
  return all.map(([person, image], i) => {
    const [x1, y1, x2, y2] = person.box.map((value) => Math.round(10 * value) / 10);
    const bbox = [x1, y1, Math.round(10 * (x2 - x1)) / 10, Math.round(10 * (y2 - y1)) / 10];
    return { id: i + 1, image_id: image, category_id: 1, bbox, ...rest(person) };
  });
}

/** COCO: x, y, v with v = 2 for a score of at least the limit, else 0, 0, 0; and the scores. */
export function coco(pictures, about, limit) {
  const annotations = entries(pictures, (person) => {
    const good = person.scores.map((score) => score >= limit);
    return {
      num_keypoints: good.filter(Boolean).length,
      keypoints: person.keypoints.flatMap(([x, y], k) =>
        good[k] ? [Math.round(1000 * x) / 1000, Math.round(1000 * y) / 1000, 2] : [0, 0, 0],
      ),
      keypoint_scores: person.scores.map((score) => Math.round(1e6 * score) / 1e6),
    };
  });
  return { ...base(pictures, about), annotations };
}

/** A tag file: what is surely there or surely absent, and no coordinate. */
export function tags(pictures, about) {
  const tag = (probability) => (probability >= SURE ? 1 : probability <= 1 - SURE ? 0 : -1);
  const annotations = entries(pictures, (person) => ({ keypoint_tags: person.probs.map(tag) }));
  return { info: { tag_format: '1.0' }, ...base(pictures, about), annotations };
}

/** Give an object to the user as a file. */
export function download(content, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(
    new Blob([JSON.stringify(content, null, 1)], { type: 'application/json' }),
  );
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
