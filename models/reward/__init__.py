"""PerFusionRM: a personal reward model over a frozen CLIP."""
