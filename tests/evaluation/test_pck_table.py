"""Tests of the table of PCK."""

from lfhpe_mmpose.evaluation import PckResult, format_pck_table


def result(threshold, *values):
    """PCK of two keypoints."""
    names = ('neck', 'left_wrist')
    return PckResult(threshold, sum(values) / 2, dict(zip(names, values)), dict.fromkeys(names, 9))


class TestFormatPckTable:
    """A line per keypoint, the mean last."""

    def test_layout(self):
        """Numbers are under their predictor and threshold."""
        text = format_pck_table(
            {
                'model': {0.1: result(0.1, 0.5, 0.25), 0.2: result(0.2, 1.0, 0.5)},
                'mean_pose': {0.1: result(0.1, 0.1, 0.2), 0.2: result(0.2, 0.3, 0.4)},
            }
        )
        lines = text.splitlines()
        assert len({len(line) for line in lines}) == 1
        assert lines[0].split() == ['PCK@0.1', 'of', 'the', 'box', 'PCK@0.2', 'of', 'the', 'box']
        assert lines[1].split() == ['model', 'mean', 'pose', 'model', 'mean', 'pose']
        assert lines[2].split() == ['neck', '0.500', '0.100', '1.000', '0.300']
        assert lines[-1].split() == ['mean', '0.375', '0.150', '0.750', '0.350']
