"""The error that commands show to a user as a message, without a traceback."""


class UserError(ValueError):
    """A mistake in a config, a file or a command line that the user can correct.

    Commands print the message and exit with status 2. Tests and programs compare
    ``code``; the wording may change.

    Args:
        code (str): Stable name of the kind of mistake, in lower case with hyphens, e.g.
            ``'missing-image'``. The same mistake has the same code everywhere.
        place (str): Where it is: a file, an entry of it, an option.
        fault (str): What is wrong, a sentence.
        remedy (str): What to do about it, a sentence. Defaults to '': ``fault`` says it.
    """

    # Torch rebuilds an exception of a loader's worker from its text alone, hence the defaults.
    def __init__(self, code: str, place: str = '', fault: str = '', remedy: str = '') -> None:
        super().__init__(code, place, fault, remedy)
        self.code = code
        self.place = place
        self.fault = fault
        self.remedy = remedy

    def __str__(self) -> str:
        if not self.fault:
            return self.code
        text = ' '.join(part for part in (self.fault, self.remedy) if part)
        return f'{self.place}: {text} [{self.code}]' if self.place else f'{text} [{self.code}]'


def package_error(package: str | None, place: str, remedy: str) -> UserError:
    """The error of a package that is not installed.

    Args:
        package: Its name, as an ``ImportError`` gives it.
        place: What needs it.
        remedy: How to install it, a sentence.
    """
    fault = f'this needs the package {package}, which is not installed.'
    return UserError('package', place, fault, remedy)
