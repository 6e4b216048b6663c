"""Boxes of a detector."""

import json
import shutil

import numpy as np
import pytest

from lfhpe_mmpose.annotation.plan import PlanOptions, detector, plan_folder
from lfhpe_mmpose.annotation.plan.detector import PersonDetector, detect
from lfhpe_mmpose.files.image_folders import find_images
from lfhpe_mmpose.files.images import read_image
from tests.refusal import refuses

DETECTOR = 'rtmdet_nano_320-8xb32_coco-person'


class _Fake:
    """A detector that is interrupted at the fourth image."""

    def __init__(self, threshold=0.3):
        self.settings = dict(threshold=threshold)
        self.seen = 0

    def __call__(self, image):
        assert image.dtype == np.uint8
        self.seen += 1
        if self.seen == 4:
            raise KeyboardInterrupt
        return [[1.0, 2.0, 30.0, 40.0]]


class TestDetect:
    """`detect`."""

    def test_interrupted_search_goes_on(self, people, tmp_path):
        """Stored boxes are used, a line that was cut off inside a letter is not."""
        folder, memory = str(people / 'train'), tmp_path / 'plan' / 'detections.jsonl'
        names = find_images(folder)[:5]
        with pytest.raises(KeyboardInterrupt):
            detect(_Fake(), folder, names, memory)
        with open(memory, 'ab') as file:
            file.write('["cut ö'.encode()[:-1])
        again = _Fake()
        found = detect(again, folder, names, memory)
        assert again.seen == 2 and found == {n: [[1, 2, 30, 40]] for n in names}
        assert len(memory.read_text().splitlines()) == 6
        with refuses('other-detector', place=memory):
            detect(_Fake(threshold=0.5), folder, names, memory)

    def test_interrupted_first_line(self, people, tmp_path, monkeypatch):
        """A store without a first line starts again; a damaged one and a full disk do not."""
        folder, memory = str(people / 'train'), tmp_path / 'detections.jsonl'
        names = find_images(folder)[:1]
        memory.write_text('{"thresh')
        assert detect(_Fake(), folder, names, memory) and detect(_Fake(), folder, names, memory)
        with refuses('not-writable', place=memory):
            detect(_Fake(), folder, names, memory / 'x')
        full = open('/dev/full', 'a')  # noqa: SIM115  detect() closes it
        monkeypatch.setattr(detector, 'open', lambda *_, **__: full, raising=False)
        with refuses('disk-full', place=memory):
            detect(_Fake(), folder, names, memory)
        memory.write_text('{"threshold": 0.3}\nx\n')
        with refuses('damaged', place=memory):
            detect(_Fake(), folder, names, memory)


class TestPersonDetector:
    """MMDet's detector."""

    def test_plan(self, data_dir, weights_dir, tmp_path):
        """A real image with five people, twice."""
        folder, out = tmp_path / 'photos', tmp_path / 'r1'
        folder.mkdir()
        shutil.copy(data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg', folder)
        options = PlanOptions(
            str(folder),
            str(out),
            metainfo='coco',
            detector=DETECTOR,
            detector_weights=str(weights_dir / 'rtmdet_nano_person.pth'),
            views=2,
            device='cpu',
            progress=False,
        )
        plan_folder(options)
        before = (out / 'plan.json').read_bytes()
        plan = json.loads(before)
        assert len(plan['annotations']) >= 4
        assert len(plan['plan']['pictures']) == 2 * len(plan['annotations'])
        plan_folder(options)
        assert (out / 'plan.json').read_bytes() == before

    def test_threshold_and_categories(self, data_dir, weights_dir):
        """A higher threshold keeps fewer boxes; another category none."""
        image = read_image(data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg')
        weights = str(weights_dir / 'rtmdet_nano_person.pth')
        many = PersonDetector(DETECTOR, weights, device='cpu')(image)
        few = PersonDetector(DETECTOR, weights, threshold=0.6, device='cpu')(image)
        assert len(many) > len(few) and all(box in many for box in few)
        assert PersonDetector(DETECTOR, weights, categories=[1], device='cpu')(image) == []
