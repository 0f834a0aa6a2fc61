"""Errors of this package; each message is a sentence for the person who must act.

IngestError
└── Unreadable      a file that cannot be read: what, why, what to do
"""


class IngestError(Exception):
    """Anything that went wrong while reading documents."""


class Unreadable(IngestError):
    """One file cannot be read; the others go on."""
