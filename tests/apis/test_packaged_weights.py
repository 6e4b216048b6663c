"""The weights that come with the package."""

import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from lfhpe_mmpose.apis import find_weights, infer_persons, init_model
from lfhpe_mmpose.cli import main
from lfhpe_mmpose.launch.packaged import list_weights, read_card

NAME = 'lfhpe_res18_lspet-128x128_loc0'
ANIMALS = 'lfhpe_res18_animalpose-128x128_loc0'


@pytest.fixture(scope='module')
def model():
    """The model, by its short name alone."""
    return init_model(NAME)


class TestPackagedWeights:
    """Small, safe, and a pose estimator."""

    @pytest.mark.parametrize('name, root', [(NAME, 'lspet/'), (ANIMALS, 'animalpose/')])
    def test_file(self, name, root):
        """At most 16 MB, half precision, loads without running code, no path of a machine."""
        path = find_weights(name)
        content = torch.load(path, weights_only=True)
        assert Path(path).stat().st_size < 16e6
        assert content['state_dict']['head.cam.weight'].dtype == torch.float16
        assert f"data_root = '{root}'" in content['meta']['cfg']
        assert 'fraction=0.0' in content['meta']['cfg']
        assert '/tmp' not in content['meta']['cfg']

    @pytest.mark.parametrize('name', list_weights())
    def test_card(self, name, capsys):
        """The card is of this file, and `lfhpe models` prints the main rows."""
        card = read_card(name)
        assert card['file'].split(',')[0] == Path(find_weights(name)).name
        main(['models'])
        said = ' '.join(capsys.readouterr().out.split())
        for row in ('finds', 'labels seen', 'trained on', 'terms'):
            assert f'{row}: {card[row]}' in said
        assert any('PCK' in text for text in card.values())

    def test_any_picture(self, model):
        """14 keypoints inside or near any picture."""
        image = np.random.default_rng(0).integers(0, 255, (90, 60, 3), np.uint8)
        (person,) = infer_persons(model, image)
        keypoints = person.pred_instances.keypoints
        assert keypoints.shape == (1, 14, 2) and np.isfinite(keypoints).all()

    @pytest.mark.parametrize('name, data', [(NAME, 'lspet'), (ANIMALS, 'animals')])
    def test_real_photographs(self, name, data, data_dir):
        """On validation persons and animals most keypoints lie within 0.2 of the box."""
        model, folder = init_model(name), data_dir / data
        if not folder.is_dir():
            pytest.skip(f'no {data} in {data_dir}')
        data = json.loads((folder / 'annotations' / 'val.json').read_text())
        names = {image['id']: image['file_name'] for image in data['images']}
        order = _columns(data['categories'][0]['keypoints'], model.dataset_meta)
        right = total = 0
        with tarfile.open(folder / 'images_val.tar') as tar:
            for ann in data['annotations'][:24]:
                raw = tar.extractfile(f'images/{names[ann["image_id"]]}').read()
                image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
                x, y, w, h = ann['bbox']
                (person,) = infer_persons(model, image, [[x, y, x + w, y + h]])
                truth = np.array(ann['keypoints'], dtype=float).reshape(-1, 3)
                found = person.pred_instances.keypoints[0][order]
                away = np.linalg.norm(found - truth[:, :2], axis=-1)
                right += ((away < 0.2 * max(w, h)) & (truth[:, 2] > 0)).sum()
                total += (truth[:, 2] > 0).sum()
        assert right / total > 0.7


def _columns(names: list[str], meta: dict) -> list[int]:
    """Where the model has the keypoints of the raw data, whose names are written out."""
    short = dict(left='L', right='R', front='F', back='B', ear='EarBase', tailbase='TailBase')

    def own(name: str) -> str:
        return '_'.join(short.get(word, word.capitalize()) for word in name.split('_'))

    known = meta['keypoint_name2id']
    return [known[name if name in known else own(name)] for name in names]
