"""The judge: reads facets off pictures. Shares nothing with CLIP or the generator."""
