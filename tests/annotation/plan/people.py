"""Synthetic people in a folder, a plan of them, and an annotator with the right answers."""

import json
from pathlib import Path

import numpy as np

from lfhpe_mmpose.annotation.plan import Settings, make_plan, persons_from_file
from lfhpe_mmpose.annotation.plan.images import image_entries
from lfhpe_mmpose.datasets import TaggedCocoDataset
from lfhpe_mmpose.datasets.transforms import WithholdLocations
from lfhpe_mmpose.files.image_folders import find_images
from lfhpe_mmpose.tags import load_tag_file

WORDS = {1: 'visible', 0: 'not visible', -1: 'cannot tell'}


def plan_people(people: Path, out: Path, views: int = 4, seed: int = 5, whole=True, **options):
    """Plan the training people of a synthetic set, with the boxes and ids of its file."""
    folder, truth = people / 'train', people / 'annotations' / 'person_keypoints_train.json'
    images, _ = image_entries(folder, find_images(folder))
    images, persons, _ = persons_from_file(str(truth), str(folder), images)
    settings = Settings(load_tag_file(truth).names(), views, seed, 96, 'file', whole)
    return make_plan(folder, out, images, persons, settings, **options)


def behind_the_door(file: Path, names: list[str], **door) -> dict:
    """Windows and tags that a training on a file gets, by annotation id."""
    info = {i: dict(name=n, id=i, color=[0, 0, 0], type='', swap='') for i, n in enumerate(names)}
    meta = dict(
        dataset_name='people',
        paper_info=dict(),
        keypoint_info=info,
        skeleton_info={},
        joint_weights=[1.0] * len(names),
        sigmas=[0.1] * len(names),
    )
    dataset = TaggedCocoDataset(str(file), metainfo=meta, data_prefix=dict(img=''))
    step = WithholdLocations(fraction=0, **door)
    out = {}
    for i in range(len(dataset)):
        person = step(dataset.get_data_info(i))
        out[person['id']] = person['tag_views'][0], person['keypoint_tags'][0]
    return out


def truth_of_pictures(people: Path, plan, **door) -> dict[str, np.ndarray]:
    """The right answers, by picture."""
    truth = people / 'annotations' / 'person_keypoints_train.json'
    seen = behind_the_door(truth, plan.names(), **{'views': 4, 'view_seed': 5, **door})
    return {
        Path(p['file']).name: seen[p['annotation']][1][p['view']]
        for p in plan.rest['plan']['pictures']
    }


# What Label Studio 1.18 exports beside the answers.
_SAID = json.loads("""{
  "completed_by": 1, "was_cancelled": false, "ground_truth": false, "draft_created_at": null,
  "created_at": "2026-11-01T09:00:00.000000Z", "updated_at": "2026-11-01T09:00:05.000000Z",
  "lead_time": 4.2, "prediction": {}, "unique_id": "c3ef7786-189d-4cab-b937-3509f99c3bac",
  "import_id": null, "last_action": null, "bulk_created": false, "project": 18, "updated_by": 1,
  "parent_prediction": null, "parent_annotation": null, "last_created_by": null
}""")
_TASK = json.loads("""{
  "file_upload": "import.json", "meta": {}, "created_at": "2026-11-01T08:00:00.000000Z",
  "updated_at": "2026-11-01T09:00:05.000000Z", "total_annotations": 1, "cancelled_annotations": 0,
  "total_predictions": 1, "comment_count": 0, "unresolved_comment_count": 0, "project": 18,
  "last_comment_updated_at": null, "updated_by": 1, "comment_authors": []
}""")


def genuine(task_id: int, url: str, result: list[dict], **annotation) -> dict:
    """A task as Label Studio exports it; drafts and predictions are not answers."""
    said = dict(_SAID, id=1000 + task_id, result=result, result_count=len(result), task=task_id)
    other = [choice('nose', 'visible')]
    return dict(
        _TASK,
        id=task_id,
        inner_id=task_id,
        data=dict(image=url),
        annotations=[{**said, **annotation}],
        drafts=[dict(result=other, id=1)],
        predictions=[dict(model_version='m', result=other)],
    )


def choice(name: str, *choices: str) -> dict:
    """An answer about a picture in the export's form."""
    value = dict(choices=list(choices))
    return dict(
        value=value,
        id=f'q{name}',
        from_name=name,
        to_name='picture',
        type='choices',
        origin='manual',
    )


def questions(tags, names) -> list[dict]:
    """All questions of a picture answered."""
    return [choice(name, WORDS[int(tag)]) for name, tag in zip(names, tags, strict=True)]


def ticks(tags, names) -> list[dict]:
    """The same as ticks."""
    seen = [name for name, tag in zip(names, tags, strict=True) if tag == 1]
    unknown = [name for name, tag in zip(names, tags, strict=True) if tag == -1]
    out = [choice('visible', *(seen or ['none of these']))]
    return [*out, choice('cannot_tell', *unknown)] if unknown else out


def export(out: Path, answers: dict[str, np.ndarray], names, form=questions) -> Path:
    """Write the export of a completely answered project."""
    tasks = json.loads((out / 'label_studio_tasks.json').read_text())
    done = [
        genuine(i, task['data']['image'], form(answers[task['data']['picture']], names))
        for i, task in enumerate(tasks, 1)
    ]
    path = out / 'export.json'
    path.write_text(json.dumps(done))
    return path
