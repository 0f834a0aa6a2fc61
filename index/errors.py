"""Errors of this package; each message is a sentence for the person who must act.

KnowledgeBaseError
├── NotBuilt       no knowledge base in that folder yet
├── Outdated       built by an older program, to be built again
├── Busy           another process is writing
├── CannotWrite    disk or rights
└── Incomparable   two runs without a question in common
"""


class KnowledgeBaseError(Exception):
    """Anything that went wrong with a knowledge base."""


class NotBuilt(KnowledgeBaseError):
    """No knowledge base in that folder yet."""


class Outdated(KnowledgeBaseError):
    """Built by an older program, to be built again."""


class Busy(KnowledgeBaseError):
    """Another process is writing."""


class CannotWrite(KnowledgeBaseError):
    """The disk is full or refuses."""


class Incomparable(KnowledgeBaseError):
    """Two runs have no question in common."""
