"""Data that comes with the package; each folder says where it is from."""
