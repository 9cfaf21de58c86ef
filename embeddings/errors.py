"""What can go wrong, as sentences a person can act on.

FootnoteError
├── CorpusError         the folder of documents cannot be used
├── EncoderError        the embedding model cannot be loaded
├── ReaderError         the reading model cannot be loaded
├── IndexUnusable       the index cannot be opened or written
│   ├── IndexMissing    there is none
│   ├── IndexCorrupt    a file of it is missing or changed
│   ├── IndexForbidden  a file of it may not be read
│   ├── IndexBusy       somebody else is changing it
│   ├── IndexUnreachable  the engine that holds it does not answer
│   └── ModelMismatch   it was built with another model
├── StoreUnusable       what the bot remembers cannot be read or written
├── BadRequest          a question or filter that cannot be carried out
├── BadSetting          a setting with a value that cannot be used
├── BotRunning          another process is the same bot already
└── QuotationError      a quotation that does not match its document
"""


class FootnoteError(Exception):
    """The root of every error Footnote raises on purpose; its text says what happened and what to do."""


class CorpusError(FootnoteError):
    """The folder of documents is missing, unreadable or holds no document."""


class EncoderError(FootnoteError):
    """The embedding model is not on this machine or cannot be used."""


class ReaderError(FootnoteError):
    """The weights of the reader are missing, or are not what is expected."""


class IndexUnusable(FootnoteError):  # noqa: N818 - the tree reads better by what happened
    """The index cannot be opened or written."""


class IndexMissing(IndexUnusable):
    """No index has been built where one was looked for."""


class IndexCorrupt(IndexUnusable):
    """A file of the index is missing, or its bytes are not the ones that were written."""


class IndexForbidden(IndexUnusable):
    """The user that Footnote runs as has no permission to read the index."""


class IndexBusy(IndexUnusable):
    """Another process is changing the index."""


class IndexUnreachable(IndexUnusable):
    """The engine that holds the index cannot be reached, or does not answer in time."""


class ModelMismatch(IndexUnusable):
    """The index was built with another model than the one that would encode the questions."""


class StoreUnusable(FootnoteError):  # noqa: N818
    """The file in which the bot remembers what moderators chose cannot be read or written."""


class BadRequest(FootnoteError):  # noqa: N818
    """A question, document id or date that cannot be used."""


class BadSetting(FootnoteError):  # noqa: N818
    """A setting that is unknown or has a value out of bounds."""


class BotRunning(FootnoteError):  # noqa: N818
    """Another process has logged in with the same bot's token."""


class QuotationError(FootnoteError):
    """A quotation that is not, character for character, the text of its document."""
