"""Writing a set in COCO's format."""

import hashlib
import json
from pathlib import Path

import cv2
import pytest
from xtcocotools.coco import COCO

from lfhpe_mmpose.datasets.synthetic import generate, generate_people
from tests.refusal import refuses


def digest(folder: Path) -> dict[str, str]:
    """Hashes of all files, by their path in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


def make(folder: Path, **changed) -> dict[str, str]:
    """A set of 6 and 3 pictures of 64 pixels."""
    arguments = dict(num_train=6, num_val=3, image_size=64, progress=False)
    return generate_people(folder, **{**arguments, **changed})


class TestBytes:
    """The same seed gives the same bytes."""

    def test_workers_change_nothing(self, tmp_path, monkeypatch):
        """One process and two write the same files, byte for byte."""
        make(tmp_path / 'one', num_train=70, num_val=1)
        make(tmp_path / 'two', num_train=70, num_val=1, workers=2)
        assert len(digest(tmp_path / 'one')) == 74
        assert digest(tmp_path / 'one') == digest(tmp_path / 'two')

    def test_size_of_the_set_changes_no_picture(self, tmp_path):
        """The first pictures of a larger set are those of the smaller one."""
        make(tmp_path / 'small')
        make(tmp_path / 'large', num_train=9, num_val=4)
        small, large = digest(tmp_path / 'small'), digest(tmp_path / 'large')
        pictures = [name for name in small if name.endswith('.jpg')]
        assert len(pictures) == 9
        assert all(small[name] == large[name] for name in pictures)

    def test_train_and_val_and_seeds_differ(self, tmp_path):
        """No picture occurs in train and val, nor under another seed."""
        make(tmp_path / 'a')
        make(tmp_path / 'b', seed=1)
        hashes = [h for s in 'ab' for n, h in digest(tmp_path / s).items() if n.endswith('.jpg')]
        assert len(set(hashes)) == len(hashes) == 18


class TestFormat:
    """COCO's format."""

    @pytest.mark.parametrize('keypoints, number', [('lsp', 14), ('coco', 17)])
    def test_xtcocotools_reads_it(self, tmp_path, keypoints, number):
        """xtcocotools loads it; entries are complete and images have the size they claim."""
        paths = make(tmp_path, keypoints=keypoints, persons_per_image=2)
        coco = COCO(paths['train_ann'])
        assert len(coco.imgs) == 6
        assert len(coco.cats[1]['keypoints']) == number
        assert max(max(link) for link in coco.cats[1]['skeleton']) <= number
        assert len(coco.anns) > 6
        for annotation in coco.anns.values():
            assert len(annotation['keypoints']) == 3 * number
            assert annotation['area'] > 0 and min(annotation['bbox'][2:]) > 0
        for entry in coco.imgs.values():
            image = cv2.imread(str(Path(paths['train_img']) / entry['file_name']))
            assert image.shape == (entry['height'], entry['width'], 3)


class TestReuse:
    """A finished set is kept, an unfinished one made anew."""

    def test_finished_set_is_reused(self, tmp_path, monkeypatch):
        """A second call draws nothing and returns the same paths."""
        paths = make(tmp_path)
        monkeypatch.setattr(generate, 'draw_person_image', None)
        assert make(tmp_path) == paths

    def test_other_arguments_make_it_anew(self, tmp_path):
        """A smaller set with another seed replaces it, without pictures left over."""
        make(tmp_path)
        paths = make(tmp_path, num_train=2, seed=5)
        assert len(list(Path(paths['train_img']).iterdir())) == 2
        make(tmp_path / 'fresh', num_train=2, seed=5)
        anew = {n: h for n, h in digest(tmp_path).items() if not n.startswith('fresh')}
        assert anew == digest(tmp_path / 'fresh')

    def test_interrupted_set_is_made_anew(self, tmp_path, monkeypatch):
        """After an interruption in the middle, the next call completes the set."""
        draw = generate.draw_person_image

        def stop(seed, index, **rest):
            if index == 4:
                raise KeyboardInterrupt
            return draw(seed, index, **rest)

        monkeypatch.setattr(generate, 'draw_person_image', stop)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / 'a')
        monkeypatch.setattr(generate, 'draw_person_image', draw)
        make(tmp_path / 'a')
        make(tmp_path / 'b')
        assert digest(tmp_path / 'a') == digest(tmp_path / 'b')

    def test_missing_picture_makes_it_anew(self, tmp_path):
        """A set of which a picture was lost is not taken for finished."""
        paths = make(tmp_path)
        before = digest(tmp_path)
        next(Path(paths['val_img']).iterdir()).unlink()
        make(tmp_path)
        assert digest(tmp_path) == before


class TestErrors:
    """Bad arguments, found before anything is written."""

    @pytest.mark.parametrize(
        'changed, word',
        [
            (dict(num_train=0), 'num_train'),
            (dict(num_val=-1), 'num_val'),
            (dict(num_train=2.5), 'num_train'),
            (dict(workers=0), 'workers'),
            (dict(seed=-1), 'seed'),
            (dict(keypoints='body'), 'keypoints'),
            (dict(persons_per_image=9), 'persons'),
        ],
    )
    def test_error_names_the_argument(self, tmp_path, changed, word):
        """The error names the argument; no folder is made."""
        with refuses('argument', word):
            make(tmp_path / 'set', **changed)
        assert not (tmp_path / 'set').exists()

    def test_folder_with_other_things_is_left_alone(self, tmp_path):
        """A folder of somebody's pictures is refused and not touched."""
        (tmp_path / 'train').mkdir()
        (tmp_path / 'train' / 'mine.jpg').write_text('mine')
        with refuses('out-dir', tmp_path):
            make(tmp_path)
        assert (tmp_path / 'train' / 'mine.jpg').read_text() == 'mine'

    def test_file_in_the_place_of_the_folder(self, tmp_path):
        """A file is refused by name."""
        (tmp_path / 'set').write_text('')
        with refuses('out-dir', tmp_path / 'set'):
            make(tmp_path / 'set')


class TestProgress:
    """The progress line."""

    def test_line_counts_to_the_end(self, tmp_path, capsys):
        """The line ends with all pictures drawn, on stderr."""
        make(tmp_path, progress=True)
        captured = capsys.readouterr()
        assert captured.out == ''
        assert 'train: 6/6' in captured.err and 'val: 3/3' in captured.err

    def test_manifest_is_written_last(self, tmp_path):
        """The manifest says what was asked for."""
        make(tmp_path, seed=2)
        assert json.loads((tmp_path / 'synthetic.json').read_text())['seed'] == 2
