"""REBECA: a diffusion prior over image embeddings for a person, its samplers and its verifier."""
