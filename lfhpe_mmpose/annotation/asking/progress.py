"""How far a session of asking is, and how long the rest takes."""

from typing import Any

from .record import Record

# Pictures that a person takes, before any person is done, counted as this many persons.
_PICTURES, _PICTURES_WEIGHT = 9.0, 2.0
# Seconds of a picture before the first answer.
_SECONDS = 5.0


def measure_progress(
    record: Record, persons: int, limit: int | None, over: bool, annotator: str
) -> dict[str, Any]:
    """Count what is done, and extrapolate.

    Args:
        record: What was answered.
        persons: Number of persons of the plan.
        limit: Answered keypoints after which nothing more is asked; None is no limit.
        over: Whether nothing more is asked.
        annotator: Whose error is given.

    Returns:
        The entries of ``AskSession.progress``.
    """
    done = [p for p, left in record.left.items() if not left]
    return dict(
        answers=record.answers,
        questions=record.questions,
        persons_settled=len(done),
        persons=persons,
        seconds_left=0 if over else _seconds_left(record, persons, limit, done),
        limit=limit,
        error=round(record.errors.estimate(annotator), 4),
    )


def _seconds_left(record: Record, persons: int, limit: int | None, done: list[Any]) -> int:
    """Until all persons are done, or until the limit."""
    pictures = sum(len(record.offsets[p]) for p in done)
    each = (_PICTURES * _PICTURES_WEIGHT + pictures) / (_PICTURES_WEIGHT + len(done))
    # Each person that is not done takes one picture more at least.
    begun = [len(record.offsets[p]) for p, open_ in record.left.items() if open_]
    left = (persons - len(done) - len(begun)) * each
    left += sum(max(each - asked, 1.0) for asked in begun)
    mean = record.seconds / record.questions if record.questions else _SECONDS
    if limit is None or not record.answers:
        return round(left * mean)
    return round(min(left * mean, (limit - record.answers) * record.seconds / record.answers))
