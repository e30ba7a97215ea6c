"""What pages show, read from the rows: frozen values, nothing is changed."""
