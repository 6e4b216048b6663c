"""Tests of reading a study file."""

import re

import pytest

from lfhpe_mmpose.apis import find_config
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.study import read_plan
from tests.conftest import ROOT

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
        with pytest.raises(UserError, match=r'a_loc0_vunlimited_s0: .*small\.py has none'):
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
        one, two = plan('a=dict(options={"extra": dict(a=[1])})', seeds=[0, 1]).runs
        one.config().extra.a.append(2)
        assert one.config().extra.a == two.config().extra.a == [1]


class TestMistakes:
    """Each is named with the file and the entry."""

    def test_no_file(self, tmp_path):
        """A file that does not exist."""
        with pytest.raises(UserError, match=r'nowhere\.py: no such study file'):
            read_plan(tmp_path / 'nowhere.py')

    def test_broken_file(self, study):
        """A file that is no Python."""
        path = study('recipes = dict(')
        with pytest.raises(UserError, match=f'{re.escape(str(path))}.*SyntaxError'):
            read_plan(path)

    @pytest.mark.parametrize(
        ('changes', 'words'),
        [
            (dict(seeds=None), r"missing or empty: \['seeds'\]"),
            (dict(views=[]), r"missing or empty: \['views'\]"),
            (dict(seed=[1]), r"unknown: \['seed'\]"),
            (dict(recipes=['a', 'other']), r"recipe 'other' is not one of \['a'\]"),
            (dict(fractions=['25%']), "fraction '25%' is not a number"),
            (dict(fractions=[True]), 'fraction True is not a number'),
            (dict(fractions=[25]), r'fraction 25 is outside \[0, 1\]'),
            (dict(fractions=[-0.1]), r'fraction -0\.1 is outside'),
            (dict(fractions=0.5), 'fractions must be a list, got 0.5'),
            (dict(views=[0]), 'views must be whole numbers.*got 0'),
            (dict(views=[2.5]), r'views must be.*got 2\.5'),
            (dict(views=['all']), "views must be.*'unlimited', got 'all'"),
            (dict(views=[True]), 'views must be.*got True'),
            (dict(views='unlimited'), "views must be a list, got 'unlimited'"),
            (dict(seeds=['x']), "seeds must be whole numbers.*got 'x'"),
            (dict(seeds=[-1]), 'seeds must be.*got -1'),
            (dict(seeds=3), 'seeds must be a list, got 3'),
        ],
    )
    def test_block(self, study, changes, words):
        """An entry of the runs."""
        path = study(block(**changes))
        with pytest.raises(UserError, match=rf'^{re.escape(str(path))}: runs\[1\].*{words}'):
            read_plan(path)

    @pytest.mark.parametrize(
        ('text', 'words'),
        [
            ('recipes = dict(a=dict())', 'the study has no runs'),
            ('base = ""\n' + ONE, "recipe 'a' has no base"),
            (ONE.replace('a=dict()', 'a=dict(option={})'), "recipe 'a' must be.*'option'"),
            (ONE.replace('a=dict()', 'a=None'), "recipe 'a' must be a dict"),
            (ONE[: ONE.index('[dict')] + '["a"]', r'runs\[0\].*must be a dict'),
        ],
    )
    def test_study(self, study, text, words):
        """What the study lacks, or has too much."""
        path = study(text)
        with pytest.raises(UserError, match=rf'^{re.escape(str(path))}: .*{words}'):
            read_plan(path)

    def test_base(self, study, tmp_path):
        """A base that does not exist, an option that does not fit, a pipeline without the door."""
        (run,) = read_plan(study(f'base = "nothing"\n{ONE}')).runs
        with pytest.raises(UserError, match='nothing: no such config'):
            run.config()
        odd = '"train_dataloader.dataset.pipeline.9.x": 1'
        (run,) = read_plan(study(f'options = {{{odd}}}\n{ONE}')).runs
        with pytest.raises(UserError, match=r'small\.py: .*pipeline\.9\.x'):
            run.config()
        for pipeline in ('[]', '[dict(type="LoadImage")]'):
            change = f'{{"train_dataloader.dataset.pipeline": {pipeline}}}'
            (run,) = read_plan(study(f'options = {change}\n{ONE}')).runs
            with pytest.raises(UserError, match=r'small\.py: train_dataloader.*WithholdLocations'):
                run.config()
