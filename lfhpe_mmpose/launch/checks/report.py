"""How problems are told: file, entry, what is wrong, a few examples, remedy."""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError

SHOWN = 5


class PreflightError(UserError):
    """What the checks before a run have found.

    Attributes:
        problems (list[str]): One message for each kind of problem.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        head = 'A problem was' if count == 1 else f'{count} problems were'
        body = '\n'.join(f'{i}. {text}' for i, text in enumerate(self.problems, 1))
        super().__init__(f'{head} found before the run; nothing was started or written.\n{body}')


def problem(what: str, entry: str, remedy: str = '', examples: Sequence[str] = ()) -> str:
    """Write one problem.

    Args:
        what (str): What is wrong, with the file.
        entry (str): The entry of the config (or the option) it comes from.
        remedy (str): What the user can do. Empty if ``what`` says it.
        examples (Sequence[str]): Everything that is wrong in this way; a few
            are shown, with the count of the rest.

    Returns:
        str: The message.
    """
    lines = [what, f'   entry: {entry}']
    lines += [f'   - {text}' for text in examples[:SHOWN]]
    if len(examples) > SHOWN:
        lines.append(f'   - and {len(examples) - SHOWN} more')
    if remedy:
        lines.append(f'   remedy: {remedy}')
    return '\n'.join(lines)
