"""Verifies a DSSE envelope, bare or in a Sigstore bundle, with a public key, and its in-toto statement: verify.py FILE PUBLIC-KEY."""

import json
import sys

import in_toto_attestation.v1.statement_pb2 as messages
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import Parse
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
with open(sys.argv[2], "rb") as file:
    key = SSlibKey.from_crypto(load_pem_public_key(file.read()))
# It only tries keys whose id is the signature's.
key.keyid = ""
envelope = Envelope.from_dict(document.get("dsseEnvelope", document))
envelope.verify([key], 1)
Statement.copy_from_pb(Parse(envelope.payload, messages.Statement())).validate()
sys.stdout.write(envelope.payload.decode())
