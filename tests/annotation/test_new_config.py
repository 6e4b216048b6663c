"""A config for one's own tags: what is filled in, and what is refused."""

import ast
import json
import shutil
from pathlib import Path

import pytest
from mmengine.config import Config

from lfhpe_mmpose.annotation.new_config import fill_in, new_config
from lfhpe_mmpose.launch.packaged import find_config
from lfhpe_mmpose.tags import TagFile, load_tag_file
from tests.configs.custom_data import write_pens
from tests.refusal import refuses

TEMPLATE = Path(find_config('custom_tags-128x128'))


@pytest.fixture
def pens(tmp_path, monkeypatch) -> str:
    """A tag file of 40 pens, beside its images, in the working directory."""
    write_pens(tmp_path / 'pens', num_train=40)
    monkeypatch.chdir(tmp_path)
    return 'pens/train.json'


class TestNewConfig:
    """The folder that is written."""

    def test_values(self, pens, tmp_path):
        """Paths lead to the files from any folder; keypoints and counts are those of the tags."""
        text = new_config(pens, 'pens/images', 'my')
        assert text.endswith('Next: lfhpe train my/config.py')
        cfg = Config.fromfile('my/config.py')
        train, val = load_tag_file('my/train.json'), load_tag_file('my/val.json')
        assert len(train.annotations) + len(val.annotations) == 40
        assert len(val.annotations) > 0
        for loader, tags in ((cfg.train_dataloader, train), (cfg.val_dataloader, val)):
            dataset = loader.dataset
            assert len(load_tag_file(dataset.ann_file).annotations) == len(tags.annotations)
            for image in tags.images:
                assert Path(dataset.data_prefix.img, image['file_name']).is_file()
        assert cfg.model.head.out_channels == cfg.num_keypoints == 2
        assert cfg.train_dataloader.batch_size == min(32, len(train.annotations))
        assert cfg.train_dataloader.dataset.pipeline[0].fraction == 0
        assert cfg.max_epochs == 400
        assert Path(cfg.load_from).is_file() and cfg.model.backbone.init_cfg is None

    def test_can_be_moved(self, pens, tmp_path):
        """Folder and images move together."""
        new_config(pens, 'pens/images', 'my')
        (tmp_path / 'new').mkdir()
        shutil.move('my', tmp_path / 'new')
        shutil.move('pens', tmp_path / 'new')
        cfg = Config.fromfile('new/my/config.py')
        assert Path(cfg.load_from).is_file()
        assert Path(cfg.train_dataloader.dataset.data_prefix.img).is_dir()
        assert Path(cfg.metainfo.from_file).is_file()

    def test_located_persons(self, pens):
        """Coordinates in the file are used, and measured on the validation persons."""
        data = json.loads(Path(pens).read_text())
        for person in data['annotations'][::2]:
            person.pop('keypoint_tags')
            person.update(keypoints=[5, 5, 2, 9, 9, 2], num_keypoints=2)
        Path('mixed.json').write_text(json.dumps(data))
        assert 'located' in new_config('mixed.json', 'pens/images', 'my', start='none')
        cfg = Config.fromfile('my/config.py')
        assert cfg.use_locations and cfg.train_dataloader.dataset.pipeline[0].fraction == 1
        assert [m.type for m in cfg.val_evaluator] == ['KeypointCategoryMetric', 'PCKAccuracy']
        assert cfg.load_from is None and cfg.model.backbone.init_cfg is None

    @pytest.mark.parametrize('start', ['imagenet', 'pens/train.json'])
    def test_start(self, pens, start):
        """ImageNet weights, from the network or a file of one's own."""
        new_config(pens, 'pens/images', 'my', start=start, epochs=3)
        cfg = Config.fromfile('my/config.py')
        wanted = 'torchvision://resnet18' if start == 'imagenet' else str(Path(start).resolve())
        assert cfg.model.backbone.init_cfg.checkpoint == wanted
        assert cfg.load_from is None and cfg.max_epochs == 3

    def test_own_validation(self, pens):
        """--val takes all of the file for training."""
        text = new_config(pens, 'pens/images', 'my', val='pens/val.json')
        assert 'my/train.json: 40 persons, 0 located; my/val.json: 8 persons' in text

    def test_odd_names(self, tmp_path, monkeypatch):
        """Quotes, braces and blanks in a path stay as they are."""
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "it's {odd} ün"
        write_pens(folder)
        new_config(str(folder / 'train.json'), str(folder / 'images'), 'my {x}', start='none')
        cfg = Config.fromfile('my {x}/config.py')
        assert Path(cfg.train_dataloader.dataset.data_prefix.img).samefile(folder / 'images')
        assert Path(cfg.train_dataloader.dataset.ann_file).is_file()


class TestMistakes:
    """Refused before anything is written."""

    @pytest.mark.parametrize(
        ('options', 'code'),
        [
            (dict(images='none'), 'folder-missing'),
            (dict(val_fraction=0), 'option'),
            (dict(val_fraction=0.001), 'empty-part'),
            (dict(start='none.pth'), 'checkpoint-missing'),
            (dict(val='other.json'), 'other-keypoints'),
        ],
    )
    def test_options(self, pens, tmp_path, options, code):
        """Named by the code."""
        other = TagFile.new(['a', 'b'])
        other.save('other.json')
        with refuses(code):
            new_config(pens, **{'images': 'pens/images', 'out': 'my', **options})
        assert not (tmp_path / 'my').exists()

    def test_existing_config(self, pens):
        """A config that somebody edited is not overwritten."""
        new_config(pens, 'pens/images', 'my')
        before = Path('my/config.py').read_text()
        with refuses('output-exists', 'my/config.py'):
            new_config(pens, 'pens/images', 'my', epochs=1)
        assert Path('my/config.py').read_text() == before


class TestTemplate:
    """The file to copy."""

    def test_fill_in(self):
        """Values change and comments stay; an unknown value is a mistake of ours."""
        text = fill_in(TEMPLATE.read_text(), dict(num_keypoints=7, images='x/'))
        ast.parse(text)
        assert 'num_keypoints = 7\n' in text and "images = 'x/'\n" in text
        for line in TEMPLATE.read_text().splitlines()[4:]:
            if line.startswith('#'):
                assert line in text
        with pytest.raises(KeyError):
            fill_in(TEMPLATE.read_text(), dict(nothing=1))

    def test_is_the_photo_recipe(self):
        """Model, schedule and runtime are those of the packaged recipe; learning rate and pictures
        are those for few pictures."""
        mine, recipe = (
            Config.fromfile(TEMPLATE),
            Config.fromfile(find_config('lfhpe_res18_lspet-128x128_loc0')),
        )
        for cfg in (mine, recipe):
            cfg.model.backbone.init_cfg = cfg.model.head.metainfo = None
            cfg.model.head.out_channels = cfg.default_hooks.checkpoint = None
            for loader in (cfg.train_dataloader, cfg.val_dataloader):
                for key in ('type', 'ann_file', 'data_prefix', 'data_root', 'metainfo'):
                    loader.dataset.pop(key, None)
            for key in ('end', 'T_max'):
                cfg.param_scheduler[1][key] = None
            cfg.train_cfg = cfg.optim_wrapper.optimizer.lr = None
            cfg.train_dataloader.dataset.pipeline = [
                step
                for step in cfg.train_dataloader.dataset.pipeline
                if step.type not in ('RandomBBoxTransform', 'PhotometricDistortion')
            ]
        for key in (
            *('model', 'optim_wrapper', 'param_scheduler', 'codec', 'custom_hooks', 'env_cfg'),
            *('default_hooks', 'visualizer', 'log_processor', 'randomness', 'custom_imports'),
            *('train_dataloader', 'val_dataloader', 'default_scope', 'data_mode', 'train_cfg'),
        ):
            assert mine[key] == recipe[key], key
