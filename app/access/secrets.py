"""A ticket's secrets: made from a server key, the number and a version; nothing plain is stored."""

from app.vault import Vault
from qr.codes import ALPHABET

_SYMBOLS = 8


def secrets_of(vault: Vault, number: str, version: int) -> dict[str, str]:
    """The query code (8 Crockford symbols) and the receipt's path (128 bits) of a ticket."""
    return {"secret": _secret(vault, number, version), "url": receipt_path(vault, number, version)}


def receipt_path(vault: Vault, number: str, version: int) -> str:
    """Where the reporter follows this ticket."""
    return f"/r/{vault.derive('receipt', number, version)[:16].hex()}"


def _secret(vault: Vault, number: str, version: int) -> str:
    value = int.from_bytes(vault.derive("ticket secret", number, version)[:5])
    return "".join(ALPHABET[(value >> (5 * place)) & 31] for place in range(_SYMBOLS))
