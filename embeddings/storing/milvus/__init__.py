"""An index in Milvus: written by whoever builds it, asked by any number of bots. Needs `pip install .[milvus]`."""
