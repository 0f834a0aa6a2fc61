"""Errors of this package: each message is a sentence for the person who must act."""


class AppError(Exception):
    """Any expected failure of a command or a page."""
