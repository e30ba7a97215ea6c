"""The demo county: clearly fictional people and words in real villages, and the stories played with them."""
