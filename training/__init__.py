"""How the reader's weights were made: data, training, measures, export."""
