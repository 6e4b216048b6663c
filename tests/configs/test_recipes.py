"""Every recipe builds in a fresh process and runs on small data."""

import json
import math
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, MODELS

from lfhpe_mmpose.launch.packaged import find_config
from tests.conftest import ROOT

from .recipes import (
    FRESH,
    LAYOUTS,
    PACKAGED,
    RECIPES,
    TESTS,
    WHOLE,
    annotations_of,
    fraction_of,
    lay_out,
)

NAMES = [path.stem for path in RECIPES]
SCRIPT = Path(__file__).with_name('run_recipe.py')


@pytest.fixture(scope='session')
def small_data(tmp_path_factory, people, coco_people) -> dict[str, str]:
    """Small data of each kind, as the environment variables that name them."""
    folder = tmp_path_factory.mktemp('small_data')
    sources = dict(coco=coco_people, lspet=people, synthetic=people)
    return {
        LAYOUTS[kind]['variable']: f'{lay_out(kind, source, folder / kind)}'
        for kind, source in sources.items()
    }


@pytest.fixture(scope='module', params=FRESH, ids=[path.stem for path in FRESH])
def ran(request, small_data, tmp_path_factory) -> tuple[Path, Config, dict]:
    """A recipe, its config, and what a process of its own in another directory made of it."""
    folder = tmp_path_factory.mktemp('elsewhere')
    env = {**os.environ, **small_data, 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': ''}
    # The script's folder, not the working directory, heads the import path.
    env['PYTHONPATH'] = os.pathsep.join(filter(None, [str(ROOT), env.get('PYTHONPATH')]))
    command = [sys.executable, str(SCRIPT), str(request.param), 'result.json']
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-4000:]
    result = json.loads((folder / 'result.json').read_text())
    return request.param, Config.fromfile(request.param), result


class TestFreshProcess:
    """Model, data set, pipeline and metrics, built by MMEngine from the config alone."""

    def test_training_step(self, ran):
        """Finite losses, and a step that changes backbone, neck and head."""
        _, _, result = ran
        assert result['finite']
        assert all(math.isfinite(value) for value in result['losses'].values())
        assert result['losses']['tag_loss_cam'] > 0
        assert result['losses']['tag_loss_refined'] > 0
        assert result['parts'] == ['backbone', 'head', 'neck']
        assert result['changed'] > 0.95 * result['parameters']

    def test_located_persons(self, ran):
        """As many as the name promises, and only they have a location loss."""
        path, _, result = ran
        fraction = fraction_of(path.stem)
        location_loss = result['losses']['loc_loss_heatmap']
        if fraction == 0:
            assert result['located'] == 0
            assert location_loss == 0
        else:
            assert location_loss > 0
        if fraction == 1:
            assert result['located'] == result['persons']
        if 0 < fraction < 1:
            assert 0.05 < result['located'] / result['persons'] < 0.5
            assert [sample['located'] for sample in result['train']] == [True, False]

    def test_train_samples(self, ran):
        """Image and tags have the shapes that the config and its name tell."""
        path, cfg, result = ran
        height, width = map(int, re.search(r'-(\d+)x(\d+)_loc', path.stem).groups())
        keypoints, views = cfg.model.head.out_channels, cfg.views_per_person
        assert keypoints == LAYOUTS[path.parent.name]['keypoints']
        for sample in result['train']:
            assert sample['inputs'] == [3, height, width]
            assert sample['keypoint_tags'] == [1, views, keypoints]
            assert sample['tag_views'] == [1, views, 4, 2]
            assert set(sample['tag_values']) <= {0, 1}
        assert {1} <= {tag for sample in result['train'] for tag in sample['tag_values']}

    def test_val_sample(self, ran):
        """In evaluation a person is located and has the tags of one view."""
        _, cfg, result = ran
        keypoints = cfg.model.head.out_channels
        assert result['val']['located']
        assert result['val']['keypoint_tags'] == [1, 1, keypoints]
        assert result['val']['inputs'] == result['train'][0]['inputs']

    def test_metrics(self, ran):
        """Every metric of the config gives its number."""
        path, _, result = ran
        names = set(result['metrics'])
        assert 'category/mAP' in names
        assert names >= LAYOUTS[path.parent.name]['metrics']


@pytest.mark.parametrize('path', RECIPES, ids=NAMES)
class TestConfig:
    """What can be read off a config without building it."""

    def test_name_resolves(self, path):
        """The short name leads to this file."""
        assert Path(find_config(path.stem)).samefile(path)

    def test_location_fraction(self, path):
        """The name, the variable and the withholding step agree."""
        cfg = Config.fromfile(path)
        assert cfg.location_fraction == fraction_of(path.stem)
        assert cfg.train_dataloader.dataset.pipeline[0].fraction == fraction_of(path.stem)
        assert cfg.train_dataloader.dataset.pipeline[0].views == cfg.views_per_person

    def test_pipelines(self, path):
        """First the withholding step, last the packing of tags; the truth only in evaluation."""
        cfg = Config.fromfile(path)
        for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
            pipeline = loader.dataset.pipeline
            assert pipeline[0].type == 'WithholdLocations'
            assert pipeline[-1].type == 'PackTaggedInputs'
        assert cfg.val_dataloader.dataset.pipeline[0].fraction == 1.0
        assert cfg.test_dataloader.dataset.pipeline[0].fraction == 1.0
        assert cfg.val_dataloader.dataset.test_mode

    def test_no_selection_by_locations(self, path):
        """The last epoch is the result: no checkpoint is chosen by a metric."""
        assert 'save_best' not in Config.fromfile(path).default_hooks.checkpoint

    @pytest.mark.parametrize('slash', ['', '/'])
    def test_data_root(self, path, slash, tmp_path, monkeypatch):
        """The variable names the data, with or without a slash; unset, a folder below `data`."""
        kind = path.parent.name
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv(LAYOUTS[kind]['variable'], raising=False)
        assert Config.fromfile(path).data_root == f'data/{kind}/'
        monkeypatch.setenv(LAYOUTS[kind]['variable'], f'{tmp_path}{slash}')
        cfg = Config.fromfile(path)
        expected = os.path.join(tmp_path, 'annotations', annotations_of(kind, 'val'))
        dataset = cfg.val_dataloader.dataset
        assert os.path.normpath(os.path.join(dataset.data_root, dataset.ann_file)) == expected
        for metric in cfg.val_evaluator:
            if 'ann_file' in metric:
                assert os.path.normpath(metric.ann_file) == expected


class TestAll:
    """The recipes together."""

    def test_base_names_are_unique(self):
        """`mim` finds a config by its base name."""
        assert len(NAMES) == 41
        assert len(TESTS) == 2
        assert len(WHOLE) == 4
        assert len({path.stem for path in PACKAGED}) == len(PACKAGED)

    def test_nothing_else_is_packaged(self):
        """Every config outside `_base_` is a recipe, so that these tests meet it."""
        folders = ('_base_', 'custom')  # configs to start one's own from are no recipes
        files = {p for p in (ROOT / 'configs').rglob('*.py') if p.parent.name not in folders}
        assert files == {*RECIPES, *TESTS, *WHOLE}

    def test_family_differs_in_the_fraction_alone(self):
        """Recipes that a result compares have the same model, data and schedule."""
        families = {}
        for path in RECIPES:
            cfg = Config.fromfile(path).to_dict()
            cfg.pop('location_fraction')
            for pipeline in (
                cfg['train_pipeline'],
                cfg['train_dataloader']['dataset']['pipeline'],
            ):
                pipeline[0].pop('fraction')
            families.setdefault(path.stem.rpartition('_')[0], []).append(cfg)
        for family in families.values():
            assert all(cfg == family[0] for cfg in family)
        assert sorted(map(len, families.values())) == [1, *10 * [4]]
        fractions = {fraction_of(path.stem) for path in RECIPES}
        assert fractions == {0, 0.1, 0.25, 1}


def build_val(name: str):
    """The val set of a recipe."""
    cfg = Config.fromfile(find_config(name))
    init_default_scope('mmpose')
    return DATASETS.build(cfg.val_dataloader.dataset)


class TestRealData:
    """The recipes on real images and weights, where there are any."""

    def test_coco(self, data_dir, monkeypatch):
        """COCO's own files and layout; the crop is not blank."""
        monkeypatch.setenv('LFHPE_COCO', str(data_dir / 'coco_mini'))
        dataset = build_val('lfhpe_res50_coco-256x192_loc0')
        assert len(dataset) == 68
        sample = dataset[0]
        assert sample['inputs'].shape == (3, 256, 192)
        assert sample['inputs'].float().std() > 10
        assert sample['data_samples'].gt_instance_labels.keypoint_tags.shape == (1, 1, 17)

    def test_lspet(self, data_dir, tmp_path, monkeypatch):
        """LSP-extended's files; the images come from the tar."""
        source = data_dir / 'lspet'
        (tmp_path / 'annotations').symlink_to(source / 'annotations')
        monkeypatch.setenv('LFHPE_LSPET', str(tmp_path))
        dataset = build_val('lfhpe_res50_lspet-256x192_loc0')
        assert len(dataset) == 1000
        wanted = [os.path.relpath(dataset.get_data_info(i)['img_path'], tmp_path) for i in (0, 1)]
        with tarfile.open(source / 'images_val.tar') as archive:
            for name in wanted:
                archive.extract(name, tmp_path, filter='data')
        for i in (0, 1):
            sample = dataset[i]
            assert sample['inputs'].shape == (3, 256, 192)
            assert sample['inputs'].float().std() > 10
            assert sample['data_samples'].gt_instance_labels.keypoint_tags.shape == (1, 1, 14)

    @pytest.mark.parametrize(
        ('name', 'weights', 'options'),
        [
            (
                'lfhpe_res50_coco-256x192_loc0',
                'resnet50_caffe_imagenet_stages1-3.pth',
                {'model.backbone.style': 'caffe'},
            ),
            (
                'lfhpe_synthetic-96x96_loc0',
                'resnet18_imagenet_stages1-3.pth',
                {'model.backbone.base_channels': 64, 'model.neck.in_channels': [128, 256]},
            ),
        ],
    )
    def test_imagenet_weights(self, weights_dir, name, weights, options):
        """ImageNet weights of one's own load by the options that the texts tell."""
        cfg = Config.fromfile(find_config(name))
        checkpoint = weights_dir / weights
        init = {'type': 'Pretrained', 'checkpoint': str(checkpoint)}
        cfg.merge_from_dict({**options, **{f'model.backbone.init_cfg.{k}': init[k] for k in init}})
        init_default_scope('mmpose')
        model = MODELS.build(cfg.model)
        before = model.backbone.conv1.weight.detach().clone()
        model.init_weights()
        assert not model.backbone.conv1.weight.equal(before)
