"""A question: a picture of one person, and the keypoints that it asks about."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal['whole', 'window', 'confirm']
KINDS: tuple[Kind, ...] = ('whole', 'window', 'confirm')
Person: TypeAlias = int | str
Window: TypeAlias = tuple[float, float, float, float]
Circle: TypeAlias = tuple[int, float, float, float]


@dataclass(frozen=True)
class Question:
    """A picture to ask about.

    Attributes:
        id: Hash of the person and of the number of the question.
        person: Id of the annotation.
        kind: 'whole' asks what is visible, 'window' what lies inside the window, 'confirm'
            which circles hold their keypoint.
        keypoints: Indices of the keypoints asked, increasing.
        window: x, y, width, height in pixels of the image. Of 'whole' and 'confirm' it is the
            window of the whole person.
        circles: Keypoint, x, y and radius in pixels; 'confirm' only, in the order of
            ``keypoints``.
        repeat: Whether the picture was asked before, to measure errors. Annotators must not see
            this.
    """

    id: str
    person: Person
    kind: Kind
    keypoints: tuple[int, ...]
    window: Window
    circles: tuple[Circle, ...] = ()
    repeat: bool = False
