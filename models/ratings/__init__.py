"""Readers of ratings in published formats; all of them end in the one folder that taste models train on.

`door` bounds and counts what comes in, a module for each format turns rows into `Interactions`,
`vectors` finds the items' embeddings, `split` says what is held out, `folder` writes it all down.
"""
