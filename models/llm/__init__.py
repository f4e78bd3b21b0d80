"""Language models: remote ones through LangChain, local ones through transformers."""
