"""The texts and metafiles beside the recipes tell the truth about them."""

import inspect
import re
import warnings

import pytest
from mmengine.config import Config, DictAction
from mmpose.registry import DATA_SAMPLERS, MODELS, TRANSFORMS
from modelindex.load_model_index import load

from lfhpe_mmpose.cli import COMMANDS
from lfhpe_mmpose.models.heads.losses import LocationFreeLosses
from tests.conftest import ROOT

from .recipes import LAYOUTS, PACKAGED, RECIPES, TESTS

NAMES = [path.stem for path in RECIPES]
TEXTS = sorted((ROOT / 'configs').rglob('*.md'))
# What was measured; a new result is entered here by hand, so that none comes by itself.
RESULTS = {
    'lfhpe_synthetic-96x96_loc0': 'see the README',
    'lfhpe_res18_animalpose-128x128_loc0': 'PCK@0.2 0.894, PCK@0.1 0.735',
    'lfhpe_res18_lspet-128x128_loc0': 'PCK@0.2 0.822, PCK@0.1 0.640',
    'lfhpe_res18_lspet-128x128_loc25': ('PCK@0.2 0.832, PCK@0.1 0.674 with `LocatedShareSampler`'),
    'lfhpe_res18_lspet-128x128_loc100': 'PCK@0.2 0.838, PCK@0.1 0.688',
}
# What a config gives to a class without naming it.
UNREGISTERED = {'losses': LocationFreeLosses}
# An option of the command line: a dotted entry of the config, and its value.
OPTION = re.compile(r'(?<=[\s`])((?:model|train_dataloader)\.[\w.]+)(?:=("[^"]*"|[^\s`]+))?')


@pytest.fixture(scope='module')
def index():
    """The model index, as `mim` reads it."""
    return load(str(ROOT / 'model-index.yml'))


def text_of(path) -> str:
    """The text beside a recipe that has a line for it."""
    texts = [text for text in path.parent.glob('*.md') if f'({path.name})' in text.read_text()]
    assert len(texts) == 1, f'{path.name} is described in {len(texts)} texts'
    return texts[0].read_text()


def takes(node, steps, kind=None) -> bool:
    """Whether a config has an entry, or the class that it belongs to takes it."""
    step, rest = steps[0], steps[1:]
    if isinstance(node, list):
        return int(step) < len(node) and (not rest or takes(node[int(step)], rest))
    if isinstance(node.get(step), dict | list):
        return not rest or takes(node[step], rest, UNREGISTERED.get(step))
    # An argument that the config leaves at its default; what lies below it is not looked into.
    return step in node or step == 'type' or step in arguments(node.get('type'), kind)


def arguments(name: str | None, kind: type | None = None) -> set[str]:
    """Names of the arguments of a class, by its registered name, and of those it inherits from."""
    registries = (MODELS, TRANSFORMS, DATA_SAMPLERS)
    built = [kind, *(registry.get(name) for registry in registries if name)]
    kinds = [kind for found in built if found for kind in found.__mro__]
    return {name for kind in kinds for name in inspect.signature(kind.__init__).parameters}


class TestMetafiles:
    """`model-index.yml` and what it imports."""

    def test_valid(self, index):
        """The reader of model indices has nothing to complain of."""
        index.check(silent=True)
        checked = [index, *index.models, *index.collections]
        assert [error for part in checked for error in part.check_errors] == []

    def test_every_recipe_once(self, index):
        """Every config is in a metafile, and every entry is a config."""
        names = sorted(path.stem for path in PACKAGED)
        assert sorted(model.name for model in index.models) == names

    def test_entries(self, index):
        """An entry names an existing config and tells its fraction, views and parts."""
        paths = {path.stem: path for path in PACKAGED}
        for model in index.models:
            path = paths[model.name]
            assert model.config == path.relative_to(ROOT).as_posix()
            cfg = Config.fromfile(path)
            metadata = model.metadata.data
            if path in TESTS:
                assert not {'Location Fraction', 'Views per Person'} & set(metadata)
            else:
                assert metadata['Location Fraction'] == cfg.location_fraction
                assert metadata['Views per Person'] == cfg.views_per_person
            parts = [cfg.model[p].type for p in ('backbone', 'neck', 'head') if cfg.model.get(p)]
            assert metadata['Architecture'] == parts
            assert f'({path.name})' in (path.parent / model.readme).read_text()

    def test_collection(self, index):
        """All recipes follow one paper; the code that the collection names is there."""
        assert {model.in_collection for model in index.models} == {'LFHPE'}
        assert {collection.name for collection in index.collections} == {'LFHPE'}
        for collection in index.collections:
            assert collection.paper == 'https://arxiv.org/abs/2205.12619'
            assert (ROOT / collection.code).is_file()

    def test_every_metafile_is_imported(self, index):
        """A metafile that nobody imports would hide its recipes."""
        imported = set(re.findall(r'configs/\S+\.yml', (ROOT / 'model-index.yml').read_text()))
        found = {p.relative_to(ROOT).as_posix() for p in (ROOT / 'configs').rglob('*.yml')}
        assert imported == found

    def test_mim_lists_every_recipe(self, index):
        """`mim search` makes a table of it, without results and with the paper's address."""
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            from mim.commands.search import convert2df
        found = convert2df(index).to_dict('index')
        assert sorted(found) == sorted(path.stem for path in PACKAGED)
        assert {row['paper'] for row in found.values()} == {'https://arxiv.org/abs/2205.12619'}
        assert all(row['model'] == 'lfhpe' for row in found.values())


@pytest.mark.parametrize('path', RECIPES, ids=NAMES)
class TestRecipeInText:
    """What the text of its family says of a recipe."""

    def test_named_with_result(self, path):
        """It has a line in the table; a result that nobody measured is not given."""
        (line,) = [t for t in text_of(path).splitlines() if f'({path.name})' in t]
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        cfg = Config.fromfile(path)
        assert cells[1] == {0: 'none', 0.1: '10%', 0.25: '25%', 1: 'all'}[cfg.location_fraction]
        assert int(cells[2]) == cfg.views_per_person
        assert cells[3] == RESULTS.get(path.stem, 'not measured yet')

    def test_cost(self, path):
        """The number of questions a person is right."""
        cfg = Config.fromfile(path)
        views, keypoints = cfg.views_per_person, cfg.model.head.out_channels
        assert f'{views} x {keypoints} = {views * keypoints} questions' in text_of(path)

    def test_data(self, path):
        """Variable, folder and every file that the config reads are in the text."""
        text = text_of(path)
        cfg = Config.fromfile(path)
        assert f'`{LAYOUTS[path.parent.name]["variable"]}`' in text
        assert cfg.data_root in text
        for loader in (cfg.train_dataloader, cfg.val_dataloader):
            assert f'    {loader.dataset.ann_file}\n' in text
            assert f'    {loader.dataset.data_prefix.img}\n' in text

    def test_options(self, path):
        """Every option in the text changes an entry that its part of the config takes."""
        text = text_of(path)
        found = OPTION.findall(text)
        assert len(found) >= 5
        for key, value in found:
            cfg = Config.fromfile(path)
            assert takes(cfg.to_dict(), key.split('.')), key
            if value:
                new = DictAction._parse_iterable(value.strip('"'))
                cfg.merge_from_dict({key: new})

    def test_wrong_options(self, path):
        """An option that nothing takes is distinguished from those above."""
        cfg = Config.fromfile(path).to_dict()
        for key in ('model.head.loss_places', 'model.backbone.init.prefix', 'model.hed.links'):
            assert not takes(cfg, key.split('.')), key


@pytest.mark.parametrize('path', TEXTS, ids=[path.stem for path in TEXTS])
class TestText:
    """A text by itself."""

    def test_links(self, path):
        """Links to files beside it work."""
        links = re.findall(r'\]\((?!https?:)([^)#]+)\)', path.read_text())
        assert links
        assert all((path.parent / link).is_file() for link in links)

    def test_commands(self, path):
        """The commands name recipes and scripts that exist."""
        text = path.read_text()
        assert set(re.findall(r'\blfhpe_[\w-]+_loc\d+\b', text)) <= set(NAMES)
        for script in re.findall(r'\btools/\w+\.(?:py|sh)', text):
            assert (ROOT / script).is_file(), script
        assert set(re.findall(r'^lfhpe ([\w-]+) ', text, re.M)) <= set(COMMANDS)
        assert 'mim train lfhpe_mmpose' in text
        assert 'mim test lfhpe_mmpose' in text

    def test_says_whose_choice_it_is(self, path):
        """The paper is cited, and our own choices are called ours."""
        text = path.read_text()
        assert '2205.12619' in text
        assert 'no number here is the paper' in ' '.join(text.split())
