"""`python -m bot`: nothing is imported before Ctrl-C is looked after."""

import sys

if __name__ == "__main__":
    try:
        from embeddings.process import run

        run("bot.cli")
    except KeyboardInterrupt:
        sys.exit(130)
