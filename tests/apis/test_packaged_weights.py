"""The weights that come with the package."""

import json
import tarfile

import cv2
import numpy as np
import pytest
import torch

from lfhpe_mmpose.apis import find_weights, infer_persons, init_model
from tests.conftest import ROOT

NAME = 'lfhpe_res18_lspet-128x128_loc0'


@pytest.fixture(scope='module')
def model():
    """The model, by its short name alone."""
    return init_model(NAME)


class TestPackagedWeights:
    """Small, safe, and a pose estimator."""

    def test_file(self):
        """At most 16 MB, half precision, loads without running code, no path of a machine."""
        path = find_weights(NAME)
        content = torch.load(path, weights_only=True)
        assert [p.stat().st_size < 16e6 for p in (ROOT / 'weights').glob('*.pth')] == [True]
        assert content['state_dict']['head.cam.weight'].dtype == torch.float16
        assert "data_root = 'lspet/'" in content['meta']['cfg']
        assert 'fraction=0.0' in content['meta']['cfg']

    def test_card_names_the_file(self):
        """The model card is of this file."""
        assert find_weights(NAME).rpartition('/')[2] in (ROOT / 'weights/README.md').read_text()

    def test_any_picture(self, model):
        """14 keypoints inside or near any picture."""
        image = np.random.default_rng(0).integers(0, 255, (90, 60, 3), np.uint8)
        (person,) = infer_persons(model, image)
        keypoints = person.pred_instances.keypoints
        assert keypoints.shape == (1, 14, 2) and np.isfinite(keypoints).all()

    def test_real_people(self, model, data_dir):
        """On validation persons most keypoints lie within 0.2 of the box."""
        folder = data_dir / 'lspet'
        if not folder.is_dir():
            pytest.skip(f'no LSP-extended in {data_dir}')
        data = json.loads((folder / 'annotations' / 'val.json').read_text())
        names = {image['id']: image['file_name'] for image in data['images']}
        right = total = 0
        with tarfile.open(folder / 'images_val.tar') as tar:
            for ann in data['annotations'][:24]:
                raw = tar.extractfile(f'images/{names[ann["image_id"]]}').read()
                image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
                x, y, w, h = ann['bbox']
                (person,) = infer_persons(model, image, [[x, y, x + w, y + h]])
                truth = np.array(ann['keypoints'], dtype=float).reshape(-1, 3)
                away = np.linalg.norm(person.pred_instances.keypoints[0] - truth[:, :2], axis=-1)
                right += ((away < 0.2 * max(w, h)) & (truth[:, 2] > 0)).sum()
                total += (truth[:, 2] > 0).sum()
        assert right / total > 0.7
