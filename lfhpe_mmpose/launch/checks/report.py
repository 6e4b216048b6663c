"""The problems that the checks before a run find."""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError

SHOWN = 5


class PreflightError(UserError):
    """All problems of a run.

    ``code`` is the code that the problems share, or ``'several'``.

    Args:
        problems: At least one.
    """

    def __init__(self, problems: Sequence[UserError]) -> None:
        self.problems = list(problems)
        codes = {error.code for error in self.problems}
        super().__init__(
            codes.pop() if len(codes) == 1 else 'several',
            '; '.join(dict.fromkeys(error.place for error in self.problems)),
            '\n'.join(f'{i}. {error}' for i, error in enumerate(self.problems, 1)),
        )

    def __str__(self) -> str:
        count = len(self.problems)
        head = '1 problem was' if count == 1 else f'{count} problems were'
        return f'{head} found before the run. Nothing was started or written.\n{self.fault}'


def problem(
    code: str, place: str, fault: str, remedy: str = '', examples: Sequence[str] = ()
) -> UserError:
    """Build one problem.

    Args:
        code: See ``UserError``.
        place: The entry of the config, or the option, and the file that it names.
        fault: What is wrong, a sentence.
        remedy: What to do about it, a sentence. May be empty if ``fault`` says it.
        examples: Everything that is wrong in this way. A few are shown.
    """
    lines = [fault, *(f'   - {text}' for text in examples[:SHOWN])]
    if len(examples) > SHOWN:
        lines.append(f'   - and {len(examples) - SHOWN} more')
    if examples:
        lines.append('  ')
    return UserError(code, place, '\n'.join(lines), remedy)


def at(error: UserError, place: str) -> UserError:
    """Put the entry of the config in front of the place of an error."""
    where = error.place if place in error.place else f'{place}: {error.place}'
    return UserError(error.code, where, error.fault, error.remedy)
