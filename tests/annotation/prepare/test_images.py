"""Images: missing, damaged, linked, copied, and after an interruption."""

import os

import pytest
from PIL import Image

from lfhpe_mmpose.annotation.prepare import DATASETS, Job, images, prepare_dataset
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .samples import write_source


@pytest.fixture
def source(tmp_path):
    """Twelve persons of LSP."""
    return write_source('lsp', tmp_path / 'source')


class TestImages:
    """What is done with the images of a data set."""

    def test_missing(self, source, tmp_path):
        """An image that is named and not there: an error, or left out."""
        (source / 'images' / 'im0003.jpg').unlink()
        out = tmp_path / 'out'
        with refuses('missing-image', place='im0003.jpg'):
            prepare_dataset('lsp', Job(source, out, progress=False))
        lines = prepare_dataset('lsp', Job(source, out, missing='skip', progress=False))
        assert '    left out: 1 persons without their image' in lines
        names = [i['file_name'] for i in load_tag_file(out / 'annotations/train.json').images]
        assert len(names) == 5
        assert 'im0003.jpg' not in names

    @pytest.mark.parametrize('kind', ['aic', 'crowdpose', 'mpii'])
    def test_missing_elsewhere(self, kind, tmp_path):
        """The same for the other forms."""
        source = write_source(kind, tmp_path / 'source')
        gone = sorted(source.glob('**/*.jpg'))[1]
        gone.unlink()
        with refuses('missing-image') as caught:
            prepare_dataset(kind, Job(source, tmp_path / 'out', progress=False))
        assert gone.name in str(caught.value)
        lines = prepare_dataset(
            kind, Job(source, tmp_path / 'out', missing='skip', progress=False)
        )
        assert any('left out' in line for line in lines)

    def test_damaged(self, source, tmp_path):
        """A file that is no image."""
        (source / 'images' / 'im0002.jpg').write_bytes(b'')
        with refuses('unreadable-image', place='im0002.jpg'):
            prepare_dataset('lsp', Job(source, tmp_path / 'out', progress=False))

    @pytest.mark.parametrize('kind', ['lsp', 'mpii', 'aic'])
    def test_turned_by_exif(self, kind, tmp_path):
        """An image that lies on its side has the size of the upright one; no person is cut."""
        plain, turned = (write_source(kind, tmp_path / name / 'source') for name in 'ab')
        for path in turned.glob('**/*.jpg'):
            with Image.open(path) as image:
                exif = image.getexif()
                exif[0x0112] = 6
                image.rotate(90, expand=True).save(path, exif=exif, quality=90)
        files = []
        for source in (plain, turned):
            out = source.with_name('out')
            prepare_dataset(kind, Job(source, out, progress=False))
            files.append([p.read_bytes() for p in sorted((out / 'annotations').iterdir())])
        assert files[0] == files[1]

    def test_no_images(self, source, tmp_path):
        """The archive of images was not unpacked: an empty folder, or none."""
        for path in (source / 'images').iterdir():
            path.unlink()
        with refuses('no-images', place='images'):
            prepare_dataset('lsp', Job(source, tmp_path / 'out', progress=False))
        (source / 'images').rmdir()
        with refuses('source-missing', place=source):
            prepare_dataset('lsp', Job(source, tmp_path / 'out', progress=False))

    def test_link(self, source, tmp_path):
        """One link to the folder; the second time it is there."""
        out = tmp_path / 'out'
        prepare_dataset('lsp', Job(source, out, progress=False))
        assert (out / 'images').is_symlink()
        assert (out / 'images').resolve() == (source / 'images').resolve()
        prepare_dataset('lsp', Job(source, out, progress=False))

    def test_copy(self, source, tmp_path):
        """Those that are used, whole; what is there is not copied again."""
        (source / 'images' / 'other.jpg').write_bytes(b'not used')
        out = tmp_path / 'out'
        job = Job(source, out, images='copy', progress=False)
        lines = prepare_dataset('lsp', job)
        assert '6 copied, 0 existed' in lines[0]
        names = sorted(os.listdir(out / 'images'))
        assert names == [f'im{i:04d}.jpg' for i in range(1, 13)]
        first = out / 'images' / 'im0001.jpg'
        assert first.read_bytes() == (source / 'images' / 'im0001.jpg').read_bytes()
        first.write_bytes(b'interrupted')
        assert '1 copied, 5 existed' in prepare_dataset('lsp', job)[0]
        assert first.read_bytes() == (source / 'images' / 'im0001.jpg').read_bytes()

    @pytest.mark.parametrize('how', ['link', 'copy'])
    def test_in_the_way(self, how, source, tmp_path):
        """A link to other images is not followed, and not removed."""
        out, other = tmp_path / 'out', tmp_path / 'other'
        other.mkdir()
        out.mkdir()
        (out / 'images').symlink_to(other)
        with refuses('in-the-way', place=out / 'images'):
            prepare_dataset('lsp', Job(source, out, images=how, progress=False))
        assert not list(other.iterdir())

    def test_goes_on(self, source, tmp_path, monkeypatch):
        """Sizes that were read before an interruption are not read again."""
        out, opened = tmp_path / 'out', []
        real = images.image_size

        def interrupt(path):
            if len(opened) == 5:
                raise KeyboardInterrupt
            opened.append(path)
            return real(path)

        monkeypatch.setattr(images, 'image_size', interrupt)
        with pytest.raises(KeyboardInterrupt):
            prepare_dataset('lsp', Job(source, out, progress=False))
        assert not (out / 'annotations').exists()
        with open(out / images.SIZES, 'ab') as file:
            file.write('["cut ö'.encode()[:-1])
        monkeypatch.setattr(
            images, 'image_size', lambda path: (opened.append(path), real(path))[1]
        )
        prepare_dataset('lsp', Job(source, out, progress=False))
        assert len(opened) == len(set(opened)) == 12
        assert not (out / images.SIZES).exists()


class TestOptions:
    """Invalid options, sources and outputs."""

    @pytest.mark.parametrize(
        ('name', 'options', 'place'),
        [
            ('lps', {}, 'lps'),
            ('lsp', dict(images='move'), '--images'),
            ('lsp', dict(missing='ask'), '--missing'),
            ('lsp', dict(persons='single'), '--persons'),
            ('lsp', dict(val_list='x'), '--val-list'),
        ],
    )
    def test_wrong(self, name, options, place, source, tmp_path):
        """The option is named; LSP comes with a split."""
        with refuses('option', place=place):
            prepare_dataset(name, Job(source, tmp_path / 'out', progress=False, **options))

    @pytest.mark.parametrize('name', sorted(DATASETS))
    def test_empty_source(self, name, tmp_path):
        """An empty folder and a missing one: the missing file is named, nothing is written."""
        (tmp_path / 'empty').mkdir()
        with refuses('source-missing', place='empty') as caught:
            prepare_dataset(name, Job(tmp_path / 'empty', tmp_path / 'out', progress=False))
        assert 'npack' in caught.value.remedy or 'ownload' in caught.value.remedy
        with refuses('folder-missing', place='none'):
            prepare_dataset(name, Job(tmp_path / 'none', tmp_path / 'out', progress=False))
        assert not list((tmp_path / 'out').iterdir())

    def test_unwritable(self, source, tmp_path):
        """The output lies below a file."""
        (tmp_path / 'file').write_text('')
        with refuses('not-writable', place=tmp_path / 'file'):
            prepare_dataset('lsp', Job(source, tmp_path / 'file' / 'out', progress=False))
