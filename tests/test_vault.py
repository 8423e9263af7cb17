import json
import os
import stat
from base64 import b64encode

import pytest
from cryptography.exceptions import InvalidTag

from app.errors import MisconfiguredError
from app.vault import Vault, fingerprint, keyring_at, keyring_from, new_keys


def ring(*seal, derive=b"d" * 32):
    return json.dumps({"seal": [b64encode(key).decode() for key in seal], "derive": b64encode(derive).decode()})


OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def vault():
    return Vault(keyring_from(new_keys()))


@pytest.mark.parametrize("plain", ["", "王小明", "13812345678", "🚪" * 2000, "a\x00b"])
def test_what_is_sealed_opens_again_under_its_own_context(vault, plain):
    sealed = vault.seal(plain, "ticket 1 text")
    assert vault.open(sealed, "ticket 1 text") == plain
    assert not plain or plain.encode() not in sealed


def test_the_same_words_never_look_the_same_at_rest(vault):
    assert vault.seal("王小明", "x") != vault.seal("王小明", "x")


def test_a_sealed_value_copied_into_another_row_does_not_open(vault):
    sealed = vault.seal("王小明", "contact of 1 name")
    for context in ("contact of 2 name", "contact of 1 phone", ""):
        with pytest.raises(InvalidTag):
            vault.open(sealed, context)


@pytest.mark.parametrize("at", [4, 15, 16, -1])
def test_a_damaged_value_is_refused_and_never_half_opened(vault, at):
    sealed = bytearray(vault.seal("王小明", "x"))
    sealed[at] ^= 1
    with pytest.raises(InvalidTag):
        vault.open(bytes(sealed), "x")


def test_after_a_new_key_the_old_one_still_opens_but_no_longer_seals():
    before, after = Vault(keyring_from(ring(OLD))), Vault(keyring_from(ring(NEW, OLD)))
    sealed = before.seal("王小明", "x")
    assert after.open(sealed, "x") == "王小明"
    with pytest.raises(KeyError):
        before.open(after.seal("王小明", "x"), "x")


def test_rotating_the_sealing_keys_keeps_secrets_and_hashes():
    before, after = Vault(keyring_from(ring(OLD))), Vault(keyring_from(ring(NEW, OLD)))
    assert before.derive("ticket secret", "270301-ABCDE1", 1) == after.derive("ticket secret", "270301-ABCDE1", 1)
    assert before.digest("phone", "13812345678") == after.digest("phone", "13812345678")


def test_derived_secrets_differ_by_purpose_and_by_every_part(vault):
    made = [
        vault.derive("a", "b", 1),
        vault.derive("a", "b", 2),
        vault.derive("b", "a", 1),
        vault.derive("a", "b1"),
        vault.derive("a", 'b","1'),
        vault.derive("ab", 1),
    ]
    assert len({*made}) == len(made)
    assert {len(each) for each in made} == {32}


def test_a_keyed_hash_cannot_be_made_without_the_key():
    mine, theirs = Vault(keyring_from(ring(OLD))), Vault(keyring_from(ring(OLD, derive=b"e" * 32)))
    assert mine.digest("phone", "13812345678") != theirs.digest("phone", "13812345678")
    assert mine.digest("phone", "13812345678") != mine.digest("device", "13812345678")


def test_a_token_is_stored_as_a_fingerprint_of_fixed_length():
    assert len(fingerprint("t")) == len(fingerprint("t" * 500)) == 64
    assert fingerprint("a") != fingerprint("b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"seal": []}',
        '{"seal": "abc", "derive": "abc"}',
        '{"seal": [1], "derive": 2}',
        ring(b"short"),
        ring(OLD, b"short"),
        ring(OLD, derive=b"short"),
        ring(),
        '{"seal": null, "derive": null}',
    ],
)
def test_a_broken_key_ring_stops_the_start_and_does_not_print_keys(text):
    with pytest.raises(MisconfiguredError) as caught:
        keyring_from(text)
    assert "MINQING_KEYS" in str(caught.value)
    assert b64encode(OLD).decode() not in str(caught.value)


def test_the_first_start_makes_a_key_file_that_only_its_owner_reads_and_the_next_start_uses_it(tmp_path):
    path = tmp_path / "deep" / "data" / "keys.json"
    old_mask = os.umask(0)
    try:
        made = keyring_at(path)
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keyring_at(path) == made
    assert keyring_at(tmp_path / "other.json") != made


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_key_file_that_others_may_touch_is_refused_with_what_to_do(tmp_path, mode):
    path = tmp_path / "keys.json"
    keyring_at(path)
    path.chmod(mode)
    with pytest.raises(MisconfiguredError, match="chmod 600"):
        keyring_at(path)


def test_the_database_never_holds_what_was_sealed_in_plain(vault):
    sealed = vault.seal_bytes(b"\xff\xd8\xff jpeg", "photo 1")
    assert b"jpeg" not in sealed
    assert vault.open_bytes(sealed, "photo 1") == b"\xff\xd8\xff jpeg"
