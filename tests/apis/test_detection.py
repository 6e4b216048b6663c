"""MMPose's inferencer behind a person detector, on real images."""

import json
from pathlib import Path

import cv2
import mmpose
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.apis import MMPoseInferencer
from mmpose.registry import MODELS

from lfhpe_mmpose.apis import find_config, publish_model
from lfhpe_mmpose.apis.person_detector import find_detector_config
from tests.refusal import refuses
from tests.tiny_model import dataset_meta, make_tiny_model

DETECTOR = 'rtmdet_nano_320-8xb32_coco-person'


@pytest.fixture(scope='module', params=[14, 17])
def tiny(request, tmp_path_factory):
    """A small model with 14 and one with 17 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('detection'), request.param)


@pytest.fixture(scope='module')
def coco(data_dir):
    """Ground truth of the real validation images: file name to persons' boxes."""
    folder = data_dir / 'coco_mini'
    truth = json.loads((folder / 'annotations' / 'person_keypoints_val2017.json').read_text())
    boxes = {}
    for person in truth['annotations']:
        if person['num_keypoints'] > 5 and not person['iscrowd']:
            boxes.setdefault(person['image_id'], []).append(person['bbox'])
    return {
        folder / 'val2017' / image['file_name']: np.array(boxes[image['id']])
        for image in truth['images']
        if image['id'] in boxes
    }


def _iou(a, b):
    """IoU of two boxes (x1, y1, x2, y2)."""
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    inter = max(w, 0) * max(h, 0)
    areas = [(x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)]
    return inter / (sum(areas) - inter)


class TestMMPoseInferencer:
    """MMPose's own inferencer with our config and published weights."""

    def test_boxes_poses_pictures_and_json(self, tiny, coco, weights_dir, tmp_path):
        """Every line of the job on three real images with people."""
        inferencer = MMPoseInferencer(
            pose2d=tiny.config,
            pose2d_weights=str(tiny.weights),
            det_model=find_detector_config(DETECTOR),
            det_weights=str(weights_dir / 'rtmdet_nano_person.pth'),
            det_cat_ids=[0],
            device='cpu',
        )
        chosen = sorted(coco, key=lambda p: (len(coco[p]), p.name))[-3:]
        found = wanted = 0
        for path in chosen:
            result = next(
                inferencer(
                    str(path),
                    draw_heatmap=True,
                    draw_bbox=True,
                    return_vis=True,
                    vis_out_dir=str(tmp_path / 'vis'),
                    pred_out_dir=str(tmp_path / 'pred'),
                )
            )
            persons = result['predictions'][0]
            image = cv2.imread(str(path))
            assert result['visualization'][0].shape == (2 * image.shape[0], *image.shape[1:])
            assert (result['visualization'][0][: len(image)] != image[..., ::-1]).any()
            assert cv2.imread(str(tmp_path / 'vis' / path.name)).shape[0] == 2 * len(image)
            written = json.loads((tmp_path / 'pred' / f'{path.stem}.json').read_text())
            assert len(written) == len(persons)
            for person in written:
                assert np.shape(person['keypoints']) == (tiny.num_keypoints, 2)
                assert np.shape(person['keypoint_scores']) == (tiny.num_keypoints,)
            boxes = [person['bbox'][0] for person in written]
            for x, y, w, h in coco[path]:
                wanted += 1
                found += any(_iou(box, (x, y, x + w, y + h)) > 0.5 for box in boxes)
        assert wanted > 3
        assert found >= 0.6 * wanted


class TestPackagedConfigs:
    """MMPose's inferencer with the configs that the package brings, weights random."""

    @pytest.mark.parametrize('num_keypoints', [14, 17])
    def test_mmpose_takes_the_config(self, num_keypoints, tmp_path):
        """It needs data_mode, dataset_type, a visualizer and a pipeline for bare images."""
        data = {14: 'lspet', 17: 'coco'}[num_keypoints]
        config = find_config(f'lfhpe_res50_{data}-256x192_loc0')
        init_default_scope('mmpose')
        model = MODELS.build(Config.fromfile(config).model)
        meta = dict(dataset_meta=dataset_meta(num_keypoints))
        torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'run.pth')
        weights = publish_model(tmp_path / 'run.pth', trust=True)
        cv2.imwrite(str(tmp_path / 'a.png'), np.zeros((80, 60, 3), np.uint8))
        inferencer = MMPoseInferencer(
            pose2d=config,
            pose2d_weights=str(weights),
            det_model='whole_image',
            device='cpu',
        )
        # Keypoints of random weights may all lie outside the picture; the box does not.
        options = dict(return_vis=True, draw_bbox=True, draw_heatmap=True, kpt_thr=-1, radius=2)
        result = next(inferencer(str(tmp_path / 'a.png'), **options))
        (person,) = result['predictions'][0]
        assert np.shape(person['keypoints']) == (num_keypoints, 2)
        assert result['visualization'][0].shape == (160, 60, 3)
        assert result['visualization'][0][:80].any()


class TestFindDetectorConfig:
    """`find_detector_config`."""

    def test_finds_what_mmpose_brings(self):
        """By a short name, by its base name, or by its path."""
        path = find_detector_config(DETECTOR)
        assert find_detector_config('rtmdet-nano') == path
        assert 'rtmdet_m' in find_detector_config('rtmdet-m')
        assert Path(path).is_relative_to(Path(mmpose.__file__).parent)
        assert find_detector_config(path) == path

    def test_unknown_name_lists_the_known(self):
        """The remedy is in the message."""
        with refuses('detector', 'yolo_9000') as caught:
            find_detector_config('yolo_9000')
        assert DETECTOR in caught.value.remedy
