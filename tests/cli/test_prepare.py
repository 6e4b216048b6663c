"""``lfhpe prepare``."""

from lfhpe_mmpose.annotation.prepare import DATASETS
from lfhpe_mmpose.cli.prepare import NAMES
from lfhpe_mmpose.datasets.synthetic import KEYPOINT_NAMES
from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.prepare.samples import write_source


class TestPrepare:
    """Public data sets, and drawn people."""

    def test_prepares(self, lfhpe, tmp_path):
        """Every option goes through; the next step is printed."""
        source = write_source('mpii', tmp_path / 'source')
        (tmp_path / 'val.txt').write_text('015601864.jpg\n')
        options = ['--images', 'copy', '--missing', 'skip', '--val-list', 'val.txt']
        options += ['--persons', 'single', '--source', source, '--out', 'mpii']
        done = lfhpe('prepare', 'mpii', *options)
        assert done.status == 0, done.err
        val = load_tag_file(tmp_path / 'mpii' / 'annotations' / 'mpii_val.json')
        assert [a['id'] for a in val.annotations] == [102]
        assert f'Next: export LFHPE_MPII={(tmp_path / "mpii").resolve()}' in done.out
        assert '1 copied' in done.out
        assert not (tmp_path / 'mpii' / 'images').is_symlink()

    def test_synthetic(self, lfhpe, tmp_path):
        """People are drawn where the config looks for them."""
        options = ['--num-train', 4, '--num-val', 2, '--image-size', 64, '--keypoints', 'coco']
        done = lfhpe('prepare', 'synthetic', '--out', 'set', *options)
        assert done.status == 0, done.err
        tags = load_tag_file(tmp_path / 'set' / 'annotations' / 'person_keypoints_train.json')
        assert len(tags.images) == 4 and len(tags.names()) == 17
        assert 'Next: export LFHPE_SYNTHETIC=' in done.out

    def test_mistakes(self, lfhpe, tmp_path):
        """A message and status 2, and nothing is written."""
        (tmp_path / 'empty').mkdir()
        done = lfhpe('prepare', 'lsp', '--source', 'empty', '--out', 'lsp')
        assert done.status == 2 and 'joints.mat' in done.err
        assert '--source: ' in lfhpe('prepare', 'lsp', '--out', 'lsp').err
        done = lfhpe('prepare', 'synthetic', '--out', 'set', '--image-size', 5)
        assert done.status == 2 and 'image_size' in done.err
        assert not (tmp_path / 'set').exists()

    def test_names(self):
        """The choices are those of the package, which is not imported for the help."""
        assert sorted(NAMES) == sorted([*DATASETS, 'synthetic'])
        assert sorted(KEYPOINT_NAMES) == ['coco', 'lsp']
