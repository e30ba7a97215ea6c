"""The pages: one folder a desk, and the frame they share."""
