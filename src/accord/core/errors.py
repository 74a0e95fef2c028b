"""The root of every error that Accord raises on purpose."""


class AccordError(Exception):
    """Something that went wrong and can be said in one sentence to the person who must act.

    The command line prints the sentence and exits with `exit_code`; no traceback.
    """

    exit_code = 1


class UsageError(AccordError):
    """A command, an option or a settings key is wrong; nothing was started or changed."""

    exit_code = 2
