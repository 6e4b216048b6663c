"""Tests of reading a study file."""

import pytest

from lfhpe_mmpose.apis import find_config
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.study import read_plan
from tests.conftest import ROOT
from tests.refusal import refuses

ONE = 'recipes = dict(a=dict())\nruns = [dict(recipes=["a"], fractions=[0], views=[1], seeds=[0])]'


def block(**changes) -> str:
    """A study whose second block of runs is wrong."""
    good = dict(recipes=['a'], fractions=[0], views=[1], seeds=[0])
    bad = {k: v for k, v in {**good, **changes}.items() if v is not None}
    return f'recipes = dict(a=dict())\nruns = [{good}, {bad}]'


class TestReadPlan:
    """Which runs there are."""

    def test_grid(self, study):
        """All combinations in the order of the file, each once."""
        plan = read_plan(
            study(
                'split = "some val"\n'
                'recipes = dict(a=dict(note="plain"), b=dict())\n'
                'runs = [\n'
                ' dict(recipes=["a"], fractions=[0, 0.25], views=[4, "unlimited"], seeds=[0]),\n'
                ' dict(recipes=["b", "a"], fractions=[0.0], views=[4], seeds=[1, 0]),\n'
                ']'
            )
        )
        assert [run.name for run in plan.runs] == [
            'a_loc0_v4_s0',
            'a_loc0_vunlimited_s0',
            'a_loc25_v4_s0',
            'a_loc25_vunlimited_s0',
            'b_loc0_v4_s1',
            'b_loc0_v4_s0',
            'a_loc0_v4_s1',
        ]
        run = plan.runs[3]
        assert (run.recipe, run.fraction, run.views, run.seed) == ('a', 0.25, 'unlimited', 0)
        assert plan.split == 'some val' and plan.notes == dict(a='plain', b='')

    def test_names_tell_runs_apart(self, study):
        """Small fractions have names of their own."""
        fractions = [0.001, 0.01, 0.07, 0.1, 1.0]
        text = ONE.replace('fractions=[0]', f'fractions={fractions}')
        names = [run.name.split('_')[1] for run in read_plan(study(text)).runs]
        assert names == ['loc0.1', 'loc1', 'loc7', 'loc10', 'loc100']

    def test_base(self, study, tmp_path):
        """A base counts from the study file, or is a packaged config; a recipe has its own."""
        (tmp_path / 'other.py').write_text((tmp_path / 'small.py').read_text())
        packaged = 'lfhpe_res50_lspet-256x192_loc0'
        text = ONE.replace('a=dict()', f'a=dict(), b=dict(base="{packaged}"), c=dict()')
        text = text.replace('c=dict()', 'c=dict(base="other.py")').replace('["a"]', 'list("abc")')
        runs = read_plan(study(f'base = "small.py"\n{text}')).runs
        bases = [str(tmp_path / 'small.py'), packaged, str(tmp_path / 'other.py')]
        assert [run.base for run in runs] == bases
        assert runs[1].config().data_root == runs[1].config().train_dataloader.dataset.data_root
        assert find_config(packaged)

    def test_own_study(self):
        """The study of the repository can be read, and its configs made."""
        plan = read_plan(ROOT / 'tools' / 'studies' / 'lspet.py')
        first = {run.recipe: run for run in reversed(plan.runs)}
        assert set(first) <= set(plan.notes) and all(plan.notes[name] for name in first)
        for run in first.values():
            assert run.config().model.head.out_channels == 14


class TestConfig:
    """The config of a run."""

    def test_axes(self, plan):
        """Fraction, views and seed are put in; the rest of the base stays."""
        cfg = plan(fractions=[0.25], views=[4], seeds=[7]).runs[0].config()
        door = cfg.train_dataloader.dataset.pipeline[0]
        assert door == dict(
            type='WithholdLocations', fraction=0.25, seed=3, views=4, unlimited=False
        )
        assert cfg.train_dataloader.dataset.pipeline[1] == dict(type='LoadImage')
        assert cfg.randomness == dict(seed=7, deterministic=True)

    def test_seed_in_options(self, plan):
        """A run reads the file of its own seed, also deep inside of an option."""
        option = '{"train_dataloader.dataset": dict(ann_file="sSEED.json", x=[("SEED", 1)])}'
        runs = plan(f'a=dict(options={option})', seeds=[0, 12]).runs
        data = [run.config().train_dataloader.dataset for run in runs]
        assert [d.ann_file for d in data] == ['s0.json', 's12.json']
        assert [list(d.x[0]) for d in data] == [['0', 1], ['12', 1]]

    def test_unlimited(self, plan):
        """Unlimited views leave the number of the base, and a number ends them."""
        option = '{"train_dataloader.dataset.pipeline.0.unlimited": True}'
        runs = plan(f'a=dict(), b=dict(options={option})', views=['unlimited', 4]).runs
        doors = [run.config().train_dataloader.dataset.pipeline[0] for run in runs]
        assert [door.unlimited for door in doors] == [True, False] * 2
        assert [door.views for door in doors] == [2, 4] * 2

    def test_unlimited_without_sub_crops(self, plan):
        """A base with the whole person alone would not change, and yet be called unlimited."""
        option = '{"train_dataloader.dataset.pipeline.0.views": 1}'
        (run,) = plan(f'a=dict(options={option})', views=['unlimited']).runs
        with refuses('study-views', 'a_loc0_vunlimited_s0'):
            run.config()

    def test_unlimited_sub_crops_alone(self, plan):
        """Without the whole person, one view is a sub-crop, which can be drawn afresh."""
        door = 'train_dataloader.dataset.pipeline.0'
        option = f'{{"{door}.views": 1, "{door}.whole_person": False}}'
        (run,) = plan(f'a=dict(options={option})', views=['unlimited']).runs
        assert run.config().train_dataloader.dataset.pipeline[0].unlimited

    def test_options(self, study):
        """The study's options, then the recipe's; ``_delete_`` replaces a part as a whole."""
        plan = read_plan(
            study(
                'options = {"optim_wrapper.optimizer.lr": 0.5, "model.head.embed_dims": 8}\n'
                'recipes = dict(\n'
                '    a=dict(),\n'
                '    b=dict(options={"model.head.embed_dims": 16, "model.neck": None}),\n'
                '    c=dict(options={"model.head": dict(_delete_=True, type="HeatmapHead")}),\n'
                ')\n'
                'runs = [dict(recipes=list("abc"), fractions=[0], views=[1], seeds=[0])]'
            )
        )
        a, b, c = (run.config() for run in plan.runs)
        assert all(cfg.optim_wrapper.optimizer == dict(type='AdamW', lr=0.5) for cfg in (a, b, c))
        assert a.model.head.embed_dims == 8 and 'neck' not in a.model
        assert b.model.head.embed_dims == 16 and b.model.neck is None
        assert b.model.head.losses.region == dict(loss_weight=2.0)
        assert c.model.head == dict(type='HeatmapHead')

    def test_same_each_time(self, plan):
        """Making a config twice gives the same, with a part of it replaced as well."""
        part = 'dict(_delete_=True, type="Other", a=dict(b=1))'
        options = f'{{"optim_wrapper": {part}, "model.head": {part}}}'
        (run,) = plan(f'a=dict(options={options})').runs
        first, second = run.config(), run.config()
        assert first.optim_wrapper == dict(type='Other', a=dict(b=1))
        assert first.to_dict() == second.to_dict()

    def test_runs_do_not_share(self, plan):
        """A change to one run's config touches no other's."""
        one, two = plan('a=dict(options={"custom_hooks": [1]})', seeds=[0, 1]).runs
        one.config().custom_hooks.append(2)
        assert one.config().custom_hooks == two.config().custom_hooks == [1]


class TestMistakes:
    """Each is refused with the file and the entry."""

    def test_file(self, study, tmp_path):
        """A file that does not exist, and one that is not Python."""
        with refuses('study-missing', tmp_path / 'nowhere.py'):
            read_plan(tmp_path / 'nowhere.py')
        path = study('recipes = dict(')
        with refuses('study-unreadable', path):
            read_plan(path)

    @pytest.mark.parametrize(
        ('axis', 'value'),
        [
            ('seeds', None),
            ('views', []),
            ('seed', [1]),
            ('recipes', ['a', 'other']),
            ('recipes', [1]),
            ('fractions', ['25%']),
            ('fractions', [True]),
            ('fractions', [25]),
            ('fractions', [-0.1]),
            ('fractions', 0.5),
            ('views', [0]),
            ('views', [2.5]),
            ('views', ['all']),
            ('views', [True]),
            ('views', 'unlimited'),
            ('seeds', ['x']),
            ('seeds', [-1]),
            ('seeds', [True]),
            ('seeds', 3),
        ],
    )
    def test_block(self, study, axis, value):
        """An axis of a block of runs."""
        path = study(block(**{axis: value}))
        with refuses('study-runs', f'{path}: runs[1].{axis}'):
            read_plan(path)

    @pytest.mark.parametrize(
        ('text', 'code', 'place'),
        [
            ('recipes = dict(a=dict())', 'study-runs', ''),
            ('base = ""\n' + ONE, 'study-base', "recipes['a']"),
            (ONE.replace('a=dict()', 'a=dict(option={})'), 'study-recipe', "recipes['a']"),
            (ONE.replace('a=dict()', 'a=None'), 'study-recipe', "recipes['a']"),
            (ONE[: ONE.index('[dict')] + '["a"]', 'study-runs', 'runs[0]'),
        ],
    )
    def test_study(self, study, text, code, place):
        """An entry that is missing, unknown or of the wrong type."""
        path = study(text)
        with refuses(code, path) as caught:
            read_plan(path)
        assert place in caught.value.place

    def test_base(self, study):
        """A missing base, an option that does not fit, a pipeline that withholds nothing."""
        (run,) = read_plan(study(f'base = "nothing"\n{ONE}')).runs
        with pytest.raises(UserError, match='nothing'):
            run.config()
        odd = '"train_dataloader.dataset.pipeline.9.x": 1'
        (run,) = read_plan(study(f'options = {{{odd}}}\n{ONE}')).runs
        with pytest.raises(UserError, match=r'pipeline\.9\.x'):
            run.config()
        for pipeline in ('[]', '[dict(type="LoadImage")]'):
            change = f'{{"train_dataloader.dataset.pipeline": {pipeline}}}'
            (run,) = read_plan(study(f'options = {change}\n{ONE}')).runs
            with refuses('pipeline-tags', 'small.py'):
                run.config()
