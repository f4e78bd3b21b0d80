"""How good pictures are: distances of sets, likeness of pairs, and the encoders that look at them."""
