"""PerFusion: a personal network beside any U-Net, and training it on what people pick from groups."""
