"""What a sentence says, by its grammar; knows no question, no index and no answer."""
