"""Text with marks that people write: Markdown and its dialects, reStructuredText, AsciiDoc, wikitext."""
