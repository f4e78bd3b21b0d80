"""Interests in pictures (I-AM-G): what is retrieved from a history, and the third branch that attends to it.

`branches` puts the three-branch cross-attention into a U-Net, `attention` turns a person's nearest
things into one interest embedding, `train` trains it.
"""
