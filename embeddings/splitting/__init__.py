"""A text's form, its sentences and words, who speaks when; and passages cut along these, with exact offsets."""
