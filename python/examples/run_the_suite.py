# SPDX-License-Identifier: Apache-2.0
"""Some of the conformance suite, with the results as objects."""

from packetwright import Suite

suite = Suite()
results = suite.run("tcp/segment_arrives/syn_sent", target="reference")
print(results)
slowest = max(results, key=lambda one: int(one.json["virtual_us"]))
print(f"the longest took {slowest.json['virtual_us'] / 1e6} s of the target's time: {slowest.name}")
