"""Getting the service onto a machine: the offline bundle, and an example of a systemd unit."""
