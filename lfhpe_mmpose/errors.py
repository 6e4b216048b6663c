"""The exception that the tools show to a user without a stack of frames."""


class UserError(ValueError):
    """A mistake in a config, a file or a command line that the user can mend.

    The message names the file, the entry and the remedy. The scripts under ``tools/`` catch it
    and exit with the message alone and status 2.
    """
