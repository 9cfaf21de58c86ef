"""A language model, if there is one: prose over the quotations of an answer, of which what they hold is kept."""
