"""From ranked passages to an answer, in Discord or in a terminal."""


def version() -> str:
    """The version that is installed; `unknown` where Footnote runs from a folder and is not."""
    from importlib.metadata import PackageNotFoundError, version  # takes a while

    try:
        return version("footnote-bot")
    except PackageNotFoundError:
        return "unknown"
