"""Every page in every role, as a browser meets it: ``./run pages`` measures them, ``./run shots`` takes their pictures.

Both work on one county, made anew under ``var/pages`` (``county.py``), and on one table of how to reach each page
(``table.py``); which pages there are is read from the application's own addresses.
"""
