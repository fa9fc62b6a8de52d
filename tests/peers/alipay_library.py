"""Run in the environment of `python-alipay-sdk`: signs and verifies as that library does. JSON in, JSON out."""

import json
import sys

from alipay import AliPay  # type: ignore[import-not-found]


def main() -> None:
    asked = json.load(sys.stdin)
    library = AliPay("2021000000000001", None, asked["private_key"], asked["public_key"], sign_type="RSA2")
    parameters = {name: value for name, value in asked["parameters"].items() if name != "sign"}
    signature = asked["parameters"].get("sign", "")
    answer = {
        "signature": library._sign("&".join(f"{name}={value}" for name, value in library._ordered_data(parameters))),
        "notification_verified": library.verify(dict(parameters), signature) if signature else None,
        "answer": library._verify_and_return_sync_response(asked["answer"], asked["node"]) if asked["answer"] else None,
    }
    json.dump(answer, sys.stdout)


main()
