"""What drawn pictures are worth: to the words, to the catalogue, to a person. One page and JSON."""
