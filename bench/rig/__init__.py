"""What the proofs stand on: a county with many people, a gateway, workers that can be killed, and who counts."""
