"""What an annotator said about a question."""

from collections.abc import Iterator
from dataclasses import dataclass

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TAG_VALUES, UNKNOWN, is_known

from .questions import Question


@dataclass(frozen=True)
class Answer:
    """The tags of one picture.

    Attributes:
        question: The picture.
        values: A tag for each asked keypoint. In a window, visible means that it lies inside; in
            a circle, that the circle holds it. None counts as unknown.
        annotator: Name of the annotator.
        seconds: Time that the answer took.
        time: When it was given, in seconds since 1970.
        skipped: Whether the picture was passed over. Its values are then all unknown.
    """

    question: Question
    values: tuple[int | None, ...]
    annotator: str = ''
    seconds: float = 0.0
    time: float = 0.0
    skipped: bool = False

    def tags(self) -> Iterator[tuple[int, int]]:
        """Keypoint and tag of each asked keypoint, unknown ones included."""
        for keypoint, value in zip(self.question.keypoints, self.values, strict=True):
            yield keypoint, UNKNOWN if value is None else value

    def known(self) -> int:
        """Number of keypoints that were answered."""
        return sum(bool(is_known(tag)) for _, tag in self.tags())


def check_values(values: object, question: Question) -> tuple[int | None, ...]:
    """Check the values of an answer that came from outside.

    Raises:
        UserError: 'answer' if their number is not that of the keypoints, or one is not a tag.
    """
    given = list(values) if isinstance(values, list | tuple) else None
    place = f'question {question.id}'
    if given is None or len(given) != len(question.keypoints):
        fault = f'it needs {len(question.keypoints)} values.'
        raise UserError('answer', place, fault, 'Give one value a keypoint.')
    for value in given:
        if value is not None and (type(value) is not int or value not in TAG_VALUES):
            raise UserError('answer', place, f'{value!r} is not a tag.', 'Give 1, 0, -1 or null.')
    return tuple(given)
