"""Short names of packaged configs."""

from pathlib import Path

import pytest

import lfhpe_mmpose
from lfhpe_mmpose.launch.packaged import config_root, find_config, find_weights, list_configs
from tests.refusal import refuses

NAME = 'lfhpe_res50_coco-256x192_loc0'


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An installed package beside a folder `configs` of somebody else."""
    package = tmp_path / 'site-packages' / 'lfhpe_mmpose'
    for folder, name in (('coco', NAME), ('_base_', 'default_runtime')):
        (package / '.mim' / 'configs' / folder).mkdir(parents=True)
        (package / '.mim' / 'configs' / folder / f'{name}.py').write_text('a = 1\n')
    (tmp_path / 'site-packages' / 'configs').mkdir()
    (tmp_path / 'site-packages' / 'configs' / 'stranger.py').write_text('a = 2\n')
    monkeypatch.setattr(lfhpe_mmpose, '__file__', str(package / '__init__.py'))
    return package


class TestListConfigs:
    """`list_configs`."""

    def test_lists_every_recipe_once(self):
        """Every file outside `_base_` has a short name of its own."""
        files = [p for p in config_root().rglob('*.py') if p.parent.name != '_base_']
        assert list_configs() == sorted(p.stem for p in files)
        assert NAME in list_configs()
        assert len(set(list_configs())) == len(files)

    def test_leaves_base_files_out(self):
        """What other configs inherit from is no recipe."""
        assert 'default_runtime' not in list_configs()


class TestFindConfig:
    """`find_config`."""

    @pytest.mark.parametrize('name', [NAME, f'{NAME}.py'])
    def test_resolves_a_short_name(self, name):
        """The base name, with or without its ending, gives the packaged file."""
        path = Path(find_config(name))
        assert path.is_file()
        assert path.name == f'{NAME}.py'

    def test_returns_an_existing_path_as_it_is(self, tmp_path):
        """A config of the user's own is not looked up."""
        own = tmp_path / f'{NAME}.py'
        own.write_text('a = 1\n')
        assert find_config(own) == str(own)

    def test_unknown_name_suggests_close_ones(self):
        """A slip of the pen gets the name that was meant."""
        with refuses('config-missing', 'lfhpe_res5') as caught:
            find_config('lfhpe_res5_coco-256x192_loc0')
        assert NAME in caught.value.remedy

    def test_missing_path_is_not_taken_for_a_short_name(self):
        """A path that does not exist is an error even if its base name is known."""
        with refuses('config-missing', f'nowhere/{NAME}.py'):
            find_config(f'nowhere/{NAME}.py')

    def test_finds_configs_inside_an_installed_package(self, installed):
        """In site-packages only the package's own `.mim/configs` counts."""
        assert list_configs() == [NAME]
        assert find_config(NAME) == str(installed / '.mim' / 'configs' / 'coco' / f'{NAME}.py')

    def test_package_without_configs_says_how_to_mend_it(self, tmp_path, monkeypatch):
        """A broken installation names the remedy."""
        monkeypatch.setattr(lfhpe_mmpose, '__file__', str(tmp_path / 'p' / '__init__.py'))
        with refuses('not-installed', tmp_path):
            list_configs()


class TestFindWeights:
    """`find_weights`."""

    @pytest.fixture
    def with_weights(self, installed):
        """The installed package with a weights file."""
        folder = installed / '.mim' / 'weights'
        folder.mkdir()
        (folder / f'{NAME}-0a1b2c3d.pth').write_bytes(b'')
        return folder

    @pytest.mark.parametrize('name', [NAME, f'{NAME}.py'])
    def test_by_the_name_of_the_config(self, with_weights, name):
        """The file that starts with the config's name."""
        assert find_weights(name) == str(with_weights / f'{NAME}-0a1b2c3d.pth')

    def test_config_without_weights(self, with_weights):
        """The message says which there are."""
        with refuses('no-weights', 'other') as caught:
            find_weights('other')
        assert NAME in caught.value.fault

    def test_package_without_the_folder(self, installed):
        """An incomplete installation is named."""
        with refuses('not-installed', installed):
            find_weights(NAME)
