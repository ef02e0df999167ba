"""The school's regulation at work: what is due, what may be written, what stands in the way, how well each clause is kept.

One file a topic, from the ground up in tests/test_house.py; docs/architecture.md has a line for each. Above them all, policies.py says
who may.
"""
