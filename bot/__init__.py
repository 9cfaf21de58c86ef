"""From ranked passages to an answer, in Discord or in a terminal."""
