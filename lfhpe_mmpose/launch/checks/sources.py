"""The data sets that a config names, inside their wrappers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets import TaggedCocoDataset
from lfhpe_mmpose.files.paths import is_remote


@dataclass
class Step:
    """A step of a pipeline and its place in the config."""

    cfg: Mapping[str, Any]
    entry: str

    @property
    def name(self) -> str:
        """The type of the step, without a scope."""
        return type_name(self.cfg)


@dataclass
class Source:
    """A data set of a config that reads files.

    Attributes:
        cfg: The config of the data set.
        entry: Its place, e.g. ``train_dataloader.dataset.datasets[0]``.
        training: Whether it is trained on.
        steps: All steps that a sample goes through, those of the wrappers included.
    """

    cfg: Mapping[str, Any]
    entry: str
    training: bool
    steps: list[Step] = field(default_factory=list)

    @property
    def kind(self) -> type[Any] | None:
        """The class of the data set, None if it is not registered."""
        kind = self.cfg.get('type')
        return DATASETS.get(kind) if isinstance(kind, str) else kind

    @property
    def reads_coco(self) -> bool:
        """Whether annotations are read as MMPose's COCO-style base does."""
        kind = self.kind
        return (
            isinstance(kind, type)
            and issubclass(kind, BaseCocoStyleDataset)
            and kind._load_annotations is BaseCocoStyleDataset._load_annotations
            and kind.load_data_list is BaseCocoStyleDataset.load_data_list
        )

    @property
    def reads_tags(self) -> bool:
        """Whether the file is a tag file."""
        kind = self.kind
        return isinstance(kind, type) and issubclass(kind, TaggedCocoDataset)

    @property
    def parses_coco(self) -> bool:
        """Whether ``keypoints`` of an annotation are exactly those of the data set."""
        kind = self.kind
        return (
            kind is not None
            and self.reads_coco
            and kind.parse_data_info is BaseCocoStyleDataset.parse_data_info
        )

    @property
    def num_keypoints_given(self) -> int | None:
        """Number of keypoints after a ``KeypointConverter``, None without one."""
        for step in reversed(self.steps):
            if step.name == 'KeypointConverter':
                return step.cfg.get('num_keypoints')
        return None

    def path(self, key: str) -> str | None:
        """The file that an entry names, joined with ``data_root``."""
        value = self.cfg.get(key)
        return join(self.cfg.get('data_root'), value) if value else None

    @property
    def image_root(self) -> str:
        """The folder before the ``file_name`` of an image."""
        prefix = (self.cfg.get('data_prefix') or {}).get('img', '')
        return join(self.cfg.get('data_root'), prefix)


def find_sources(cfg: Mapping[str, Any], loaders: Sequence[str]) -> list[Source]:
    """List the data sets of data loaders, e.g. ``['train_dataloader']``, without wrappers."""
    found: list[Source] = []
    for loader in loaders:
        dataset = (cfg.get(loader) or {}).get('dataset')
        if isinstance(dataset, Mapping):
            found += _walk(dataset, f'{loader}.dataset', loader.startswith('train'), [])
    return found


def _walk(
    cfg: Mapping[str, Any], entry: str, training: bool, outer: list[Step]
) -> Iterator[Source]:
    pipeline = cfg.get('pipeline') or []
    own = [
        Step(step, f'{entry}.pipeline[{i}]')
        for i, step in enumerate(pipeline)
        if isinstance(step, Mapping)
    ]
    steps = own + outer
    if isinstance(cfg.get('dataset'), Mapping):
        yield from _walk(cfg['dataset'], f'{entry}.dataset', training, steps)
    elif cfg.get('datasets'):
        for i, part in enumerate(cfg['datasets']):
            yield from _walk(part, f'{entry}.datasets[{i}]', training, steps)
    else:
        yield Source(cfg, entry, training, steps)


def type_name(cfg: Mapping[str, Any]) -> str:
    """The name of a config's ``type``, without a scope."""
    kind = cfg.get('type', '')
    return kind.rsplit('.', 1)[-1] if isinstance(kind, str) else getattr(kind, '__name__', '')


def join(root: str | None, path: str) -> str:
    """Join as MMEngine's ``BaseDataset`` does: absolute paths and URLs stay."""
    if not root or is_remote(path) or Path(path).is_absolute():
        return path
    return f'{root.rstrip("/")}/{path}' if path else root
