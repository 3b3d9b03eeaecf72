"""A short story as plain text, with room for what is put in its middle and at its end."""

STORY = """Ferry sinks off Tarn

TARN — A ferry with 40 people on board sank off the port of Tarn on Friday, the coast guard said.

{middle}

All of the passengers were picked up by fishing boats, according to the harbour master.

The ferry, built in 1974, had passed an inspection in March, the transport ministry said.

{end}
"""
