"""Values in, bytes or files out: wall sheets, charts, maps, the TV programme, CAP files, speech.

Nothing here reads the database or a request; whoever calls hands over plain values.
"""
