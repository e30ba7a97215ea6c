"""One story for each system of docs/systems.md, told through the channels that people use: ``test_m01_….py`` to ``test_m22_….py``.

``./run mission --json`` (``__main__.py``) tells for each row whether it holds.
"""
