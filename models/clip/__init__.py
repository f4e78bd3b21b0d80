"""The small CLIP: an open_clip architecture with a vocabulary of its own."""
