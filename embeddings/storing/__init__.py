"""An index on disk or in Milvus, in generations: each is there whole or not at all, and checked when it is opened."""
