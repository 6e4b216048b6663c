"""Tests of the plots of a study."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from lfhpe_mmpose.study import write_plots
from lfhpe_mmpose.study.plots import plot_fractions, plot_keypoints, plot_questions


def row(pck, recipe='ours', fraction=0.0, views=4, seed=0, **keypoints) -> dict:
    """A row of the table, as far as plots look at it."""
    return {
        'recipe': recipe,
        'location_fraction': fraction,
        'views_per_person': str(views),
        'tag_questions_per_person': 'unlimited' if views == 'unlimited' else str(14 * views),
        'seed': seed,
        'pck_0.2': pck,
        **{f'pck_0.2_{name}': value for name, value in keypoints.items()},
    }


def frame(*rows) -> pd.DataFrame:
    """Rows as a table."""
    return pd.DataFrame(rows, columns=None if rows else list(row(1)))


FRACTIONS = [row(0.4, fraction=0.0), row(0.8, fraction=1.0), row(0.6, fraction=0.25)]
QUESTIONS = [row(0.3, views=1), row(0.5, views=16), row(0.4, views=4)]
KEYPOINTS = [row(0.3, 'bars', head_top=0.5, knee=0.25)]


@pytest.fixture
def axes():
    """Something to draw on."""
    return Figure().add_subplot()


def lines(axes) -> dict:
    """Points and half error bars of each line."""
    out = {}
    for container in axes.containers:
        line, _, bars = container.lines
        ends = [segment[:, 1] for segment in bars[0].get_segments()]
        out[container.get_label()] = (
            line.get_xdata().tolist(),
            line.get_ydata().tolist(),
            [round(float(top - bottom) / 2, 6) for bottom, top in ends],
        )
    return out


class TestFractions:
    """PCK against the location fraction."""

    def test_lines(self, axes):
        """A line for each recipe and number of views, points in order, seeds as a bar."""
        rows = [*FRACTIONS, row(0.6, fraction=0.0, seed=1)]
        rows += [row(0.1, 'other', 0.0), row(0.2, 'other', 0.05)]
        assert plot_fractions(frame(*rows), axes)
        deviation = round(0.2 / 2**0.5, 6)
        found = lines(axes)
        assert set(found) == {'ours, 4 views', 'other, 4 views'}
        assert found['ours, 4 views'] == ([0, 25, 100], [0.5, 0.6, 0.8], [deviation, 0, 0])
        assert found['other, 4 views'] == ([0, 5], [0.1, 0.2], [0, 0])

    def test_reference(self, axes):
        """What stands alone at an end is marked beside the lines."""
        assert plot_fractions(frame(*FRACTIONS, row(0.9, 'head', 1.0), row(0.7, 'mid', 0.5)), axes)
        assert [text.get_text() for text in axes.texts] == ['head, 4 views']

    def test_names_apart(self, axes):
        """Of two marks too near for two names, the first recipe has its name."""
        marks = [row(0.90, 'head', 1.0), row(0.91, 'near', 1.0), row(0.95, 'far', 1.0)]
        assert plot_fractions(frame(*FRACTIONS, *marks), axes)
        assert [text.get_text() for text in axes.texts] == ['head, 4 views', 'far, 4 views']

    def test_name_inside(self, axes):
        """The name of a mark at 100% runs into the margin: neither over lines nor outside."""
        rows = [*FRACTIONS, row(0.9, 'heatmap_head_six', 1.0, views=1)]
        assert plot_fractions(frame(*rows), axes)
        axes.figure.set_size_inches(7.5, 4.2)
        (name,) = axes.texts
        assert name.get_text() == 'heatmap_head_six, 1 view'
        left, right = name.get_window_extent().intervalx
        assert left >= axes.transData.transform((100, 0.9))[0]
        assert right <= axes.get_window_extent().x1

    def test_no_name_no_margin(self, axes):
        """Where no mark at 100% has a name, the lines have the whole width."""
        assert plot_fractions(frame(*FRACTIONS), axes)
        assert axes.get_xlim()[1] < 200

    @pytest.mark.parametrize('rows', [[], FRACTIONS[:1], QUESTIONS, [row(1, 'a'), row(1, 'b')]])
    def test_nothing(self, axes, rows):
        """One fraction makes no line."""
        assert not plot_fractions(frame(*rows), axes)


class TestQuestions:
    """PCK against the questions a person."""

    def test_lines(self, axes):
        """Persons without a location alone; unlimited views are a bound, not a point."""
        rows = [*QUESTIONS, row(0.9, views=16, fraction=0.5), row(0.7, views='unlimited')]
        assert plot_questions(frame(*rows), axes)
        assert lines(axes) == {'ours': ([14, 56, 224], [0.3, 0.4, 0.5], [0, 0, 0])}
        bounds = {
            line.get_label(): set(line.get_ydata())
            for line in axes.lines
            if 'unlimited' in str(line.get_label())
        }
        assert bounds == {'ours, unlimited views (no annotator gives them)': {0.7}}

    @pytest.mark.parametrize(
        'rows', [[], QUESTIONS[:1], FRACTIONS, [row(1, views='unlimited'), row(1)]]
    )
    def test_nothing(self, axes, rows):
        """One number of views makes no line."""
        assert not plot_questions(frame(*rows), axes)


class TestKeypoints:
    """PCK of each keypoint."""

    def test_bars(self, axes):
        """A bar a keypoint and setting, the mean of the seeds."""
        rows = [
            *KEYPOINTS,
            row(0.3, 'bars', seed=1, head_top=1.0, knee=0.75),
        ]
        rows.append(row(0.1, 'other', 0.25, knee=0.125, head_top=0.0))
        assert plot_keypoints(frame(*rows), axes)
        heights = {
            bars.get_label(): [bar.get_height() for bar in bars] for bars in axes.containers
        }
        assert heights == {
            'bars, 0% located, 4 views': [0.75, 0.5],
            'other, 25% located, 4 views': [0.0, 0.125],
        }
        assert [label.get_text() for label in axes.get_xticklabels()] == ['head top', 'knee']

    def test_first_few(self, axes):
        """More settings than can be told apart are left out."""
        rows = [row(0.1, name, knee=0.5) for name in 'abcdefgh']
        assert plot_keypoints(frame(*rows), axes)
        assert [bars.get_label()[0] for bars in axes.containers] == list('abcde')

    def test_nothing(self, axes):
        """Without keypoints in the metrics there is no bar."""
        assert not plot_keypoints(frame(*FRACTIONS), axes)


class TestWritePlots:
    """The files."""

    def test_what_there_is(self, tmp_path):
        """Only what can be drawn is written, under the whole name that was given."""
        path = tmp_path / 'new' / 'result_0.5'
        assert write_plots(frame(), path) == write_plots(frame(FRACTIONS[0]), path) == []
        assert not path.parent.exists()
        for rows, name in (
            (FRACTIONS, 'fractions'),
            (QUESTIONS, 'questions'),
            (KEYPOINTS, 'keypoints'),
        ):
            target = path.with_name(f'result_0.5_{name}.svg')
            assert write_plots(frame(*rows), path) == [target]
            assert target.read_text().rstrip().endswith('</svg>')
        assert len(write_plots(frame(*FRACTIONS, *QUESTIONS, *KEYPOINTS), path)) == 3

    def test_runs_without_the_metric(self, tmp_path):
        """A run that has no PCK is not drawn."""
        path = tmp_path / 'result'
        nothing = [{**r, 'pck_0.2': None} for r in FRACTIONS]
        assert write_plots(frame(*nothing), path) == []
        write_plots(frame(*FRACTIONS), path)
        before = path.with_name('result_fractions.svg').read_bytes()
        write_plots(frame(*FRACTIONS, *({**r, 'recipe': 'x'} for r in nothing)), path)
        assert path.with_name('result_fractions.svg').read_bytes() == before

    def test_same_bytes(self, tmp_path):
        """The same rows give the same bytes, so that a commit shows what changed."""
        rows = frame(*FRACTIONS, *QUESTIONS, *KEYPOINTS)
        first = [path.read_bytes() for path in write_plots(rows, tmp_path / 'one')]
        second = [path.read_bytes() for path in write_plots(rows, tmp_path / 'two')]
        assert len(first) == 3 and first == second
