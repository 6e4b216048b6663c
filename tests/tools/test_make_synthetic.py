"""The script that makes synthetic people."""

from tests.tools.conftest import run


class TestMakeSynthetic:
    """Run as a user runs it."""

    def test_writes_a_set_and_says_where(self, tmp_path):
        """The annotations are there and their paths are printed; a mistake is told in a line."""
        command = ['make_synthetic.py', 'set', '--num-train', 4, '--num-val', 2]
        done = run(*command, '--image-size', 64, '--quiet', cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / 'set' / 'annotations' / 'person_keypoints_val.json').is_file()
        assert 'train_ann: set' in done.stdout

    def test_mistake_is_told_in_one_line(self, tmp_path):
        """A size that is too small: status 2, the argument's name, no stack of frames."""
        done = run('make_synthetic.py', 'set', '--image-size', 5, cwd=tmp_path)
        assert done.returncode == 2
        assert 'image_size' in done.stderr and 'Traceback' not in done.stderr
        assert not (tmp_path / 'set').exists()
