"""Pictures from words and embeddings: autoencoder, denoiser, image adapter, pipeline."""
