#!/usr/bin/env python3
"""Check a settlement proof with nothing but the standard library.

    python3 verify-settlement-proof.py settlement-proof.json

It exits with 0 and prints what to compare on chain, or says what does not fit.
"""

import hashlib
import json
import sys

LEAF, NODE = b"\x00", b"\x01"
FIELDS = ("order_id", "remittance_id", "asset", "amount_minor", "destination")


def leaf_hash(leaf):
    """Hash what was paid: each field preceded by its length as eight bytes."""
    h = hashlib.sha256(LEAF)
    for field in FIELDS:
        text = leaf[field].encode()
        h.update(len(text).to_bytes(8, "big") + text)
    return h.digest()


def follow(at, path):
    """Walk from the leaf to the root."""
    for step in path:
        neighbour = bytes.fromhex(step["hash"])
        left, right = (neighbour, at) if step.get("left") else (at, neighbour)
        at = hashlib.sha256(NODE + left + right).digest()
    return at


def check(proof):
    leaf = leaf_hash(proof["leaf"])
    if proof["leaf"]["remittance_id"] != proof["remittance_id"]:
        return "the leaf is of another remittance"
    if leaf.hex() != proof["leaf_hash"]:
        return "the leaf's fields do not make its hash"
    if proof.get("alone"):
        return None
    if follow(leaf, proof.get("path", [])).hex() != proof["root"]:
        return "the path does not lead to the root"
    if proof["memo"] != proof["root"]:
        return "the memo is not the root"
    return None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        proof = json.load(file)
    wrong = check(proof)
    if wrong:
        sys.exit("NOT PROVEN: " + wrong)
    payment = proof["payment"]
    print("proven; now compare on", proof["rail"])
    print("  transaction", proof["transaction_hash"])
    print("  memo       ", proof["memo"])
    print("  payment    ", payment["currency"], payment["amount"], "to", proof["leaf"]["destination"])


main()
