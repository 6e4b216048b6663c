"""Images: missing, damaged, linked, copied, and after an interruption."""

import os

import pytest

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.annotation.prepare import DATASETS, Job, images, prepare_dataset

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
        with pytest.raises(UserError, match=r'im0003.jpg: the image is missing.*--missing skip'):
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
        with pytest.raises(UserError, match=f'{gone.name}.*--missing skip'):
            prepare_dataset(kind, Job(source, tmp_path / 'out', progress=False))
        lines = prepare_dataset(
            kind, Job(source, tmp_path / 'out', missing='skip', progress=False)
        )
        assert any('left out' in line for line in lines)

    def test_damaged(self, source, tmp_path):
        """A file that is no image."""
        (source / 'images' / 'im0002.jpg').write_bytes(b'')
        with pytest.raises(UserError, match=r'im0002.jpg: no image, or cut off \(0 bytes\)'):
            prepare_dataset('lsp', Job(source, tmp_path / 'out', progress=False))

    @pytest.mark.parametrize('content', ['nothing', 'empty'])
    def test_no_images(self, content, source, tmp_path):
        """The archive of images was not unpacked."""
        for path in (source / 'images').iterdir():
            path.unlink()
        if content == 'nothing':
            (source / 'images').rmdir()
        with pytest.raises(UserError, match='images'):
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
        assert '6 copied, 0 were there' in lines[0]
        names = sorted(os.listdir(out / 'images'))
        assert names == [f'im{i:04d}.jpg' for i in range(1, 13)]
        first = out / 'images' / 'im0001.jpg'
        assert first.read_bytes() == (source / 'images' / 'im0001.jpg').read_bytes()
        first.write_bytes(b'interrupted')
        assert '1 copied, 5 were there' in prepare_dataset('lsp', job)[0]
        assert first.read_bytes() == (source / 'images' / 'im0001.jpg').read_bytes()

    @pytest.mark.parametrize('how', ['link', 'copy'])
    def test_in_the_way(self, how, source, tmp_path):
        """A link to other images is not followed, and not removed."""
        out, other = tmp_path / 'out', tmp_path / 'other'
        other.mkdir()
        out.mkdir()
        (out / 'images').symlink_to(other)
        with pytest.raises(UserError, match='in the way'):
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
        with open(out / images.SIZES, 'a') as file:
            file.write('["cut')
        monkeypatch.setattr(
            images, 'image_size', lambda path: (opened.append(path), real(path))[1]
        )
        prepare_dataset('lsp', Job(source, out, progress=False))
        assert len(opened) == len(set(opened)) == 12
        assert not (out / images.SIZES).exists()


class TestOptions:
    """Options and names that are wrong."""

    @pytest.mark.parametrize(
        ('name', 'options', 'said'),
        [
            ('lps', {}, 'none of the data sets'),
            ('lsp', dict(images='move'), "'link' or 'copy'"),
            ('lsp', dict(missing='ask'), "'error' or 'skip'"),
            ('lsp', dict(persons='single'), '--persons is for mpii'),
        ],
    )
    def test_wrong(self, name, options, said, source, tmp_path):
        """Each is told."""
        with pytest.raises(UserError, match=said):
            prepare_dataset(name, Job(source, tmp_path / 'out', progress=False, **options))

    def test_val_list_elsewhere(self, source, tmp_path):
        """LSP comes with a split."""
        with pytest.raises(UserError, match='--val-list: lsp comes with a split'):
            prepare_dataset('lsp', Job(source, tmp_path / 'out', val_list=source))

    @pytest.mark.parametrize('name', sorted(DATASETS))
    def test_empty_source(self, name, tmp_path):
        """An empty folder and none at all: the missing file is named, nothing is written."""
        (tmp_path / 'empty').mkdir()
        with pytest.raises(UserError, match=r'(?s)empty: there is no .*(Unpack|[Dd]ownload)'):
            prepare_dataset(name, Job(tmp_path / 'empty', tmp_path / 'out', progress=False))
        with pytest.raises(UserError, match='no such folder'):
            prepare_dataset(name, Job(tmp_path / 'none', tmp_path / 'out', progress=False))
        assert not list((tmp_path / 'out').iterdir())

    def test_unwritable(self, source, tmp_path):
        """The output is below a file."""
        (tmp_path / 'file').write_text('')
        with pytest.raises(UserError, match=r'file.*another --out'):
            prepare_dataset('lsp', Job(source, tmp_path / 'file' / 'out', progress=False))
