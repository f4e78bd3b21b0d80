"""The words that every part speaks: items, references, acts, turns, settings, errors, ports.

Nothing here imports torch, langgraph or chainlit, so that any module may import it cheaply.
"""
