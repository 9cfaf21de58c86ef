"""A folder of files in, documents out: the text of each in Markdown's form, whatever format it had."""
