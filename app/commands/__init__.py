"""The subcommands of ``weiban``: each declares its options and runs; the parts are imported only when run."""


class CannotStart(Exception):
    """The surroundings forbid it; the message says why and what to do."""
