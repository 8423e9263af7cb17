import os
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from app import settings as module
from app.errors import MisconfiguredError
from app.settings import PREFIX, Settings, load


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith(PREFIX) and not name.startswith("MINQING_TEST_"):
            monkeypatch.delenv(name)
    for name in ("DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)


def test_a_fresh_machine_needs_no_settings_at_all():
    found = load()
    assert (found.data_dir, found.host, found.port, found.worker, found.demo) == (
        Path("data"),
        "127.0.0.1",
        8000,
        "inprocess",
        False,
    )
    assert found.url == "sqlite:///data/minqing.db"
    assert found.origin == "http://127.0.0.1:8000"
    assert not found.secure


@pytest.mark.parametrize("name", ["MINQING_BASEURL", "MINQING_DATABASE_URL_", "MINQING_PORTS", "MINQING_X"])
def test_a_misspelt_name_is_refused_with_the_names_that_exist(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    with pytest.raises(MisconfiguredError) as caught:
        load()
    assert name in str(caught.value)
    assert "MINQING_BASE_URL" in str(caught.value)


def loaded_or_said():
    """The settings, or the words with which they are refused."""
    try:
        return load()
    except MisconfiguredError as refusal:
        return str(refusal)


def test_names_that_the_operator_is_told_are_names_that_work(monkeypatch):
    """Each of them, set to something else than its default, is felt: it changes the settings or is refused by name."""
    monkeypatch.setenv("MINQING_NONSENSE", "1")
    with pytest.raises(MisconfiguredError) as caught:
        load()
    monkeypatch.delenv("MINQING_NONSENSE")
    names = [name.strip() for name in str(caught.value).split("known are ")[1].split(",")]
    assert len(names) == len(Settings.model_fields)
    plain = loaded_or_said()
    for name in names:
        field = Settings.model_fields[name.removeprefix(PREFIX).lower()]
        others = [str(choice) for choice in get_args(field.annotation) if choice != field.default]
        other = {bool: "1", int: "7"}.get(field.annotation, others[0] if others else "https://other.example.cn")
        monkeypatch.setenv(name, other)
        assert loaded_or_said() != plain, f"{name} is offered but does nothing"
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINQING_BASE_URL", "mq.example.cn"),
        ("MINQING_BASE_URL", "ftp://mq.example.cn"),
        ("MINQING_WEBHOOK_URL", "http://city.example.cn/hook"),
        ("MINQING_SMS_URL", "http://sms.example.cn/"),
        ("MINQING_SMS_KEY_ID", "an access key alone"),
        ("MINQING_BASE_URL", "https://"),
        ("MINQING_BASE_URL", "https:///path"),
        ("MINQING_BASE_URL", "https://mq.example.cn/some/path"),
        ("MINQING_BASE_URL", "https://mq.example.cn?x=1"),
        ("MINQING_WORKER", "maybe"),
        ("MINQING_THREADS", "0"),
        ("MINQING_THREADS", "many"),
        ("MINQING_MAX_UPLOAD_MB", "500"),
        ("MINQING_LOG_LEVEL", "LOUD"),
        ("MINQING_DEMO", "perhaps"),
        ("PORT", "70000"),
        ("PORT", "eighty"),
    ],
)
def test_a_value_that_cannot_work_stops_the_start_and_names_the_setting(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(MisconfiguredError) as caught:
        load()
    assert name.removeprefix(PREFIX).lower() in str(caught.value).lower()


def test_an_empty_value_means_not_set(monkeypatch):
    for name in ("MINQING_BASE_URL", "DATABASE_URL", "MINQING_KEYS", "MINQING_ALLOWED_HOSTS"):
        monkeypatch.setenv(name, "")
    assert load().origin == "http://127.0.0.1:8000"
    assert load().url.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("given", "origin", "secure"),
    [
        ({"base_url": "https://mq.example.cn"}, "https://mq.example.cn", True),
        ({"base_url": "https://mq.example.cn/"}, "https://mq.example.cn", True),
        ({"base_url": "http://192.0.2.7:8000"}, "http://192.0.2.7:8000", False),
        ({"host": "127.0.0.1", "port": 9000}, "http://127.0.0.1:9000", False),
        ({"host": "mq.lan", "port": 80}, "http://mq.lan:80", False),
    ],
)
def test_the_public_origin_comes_from_its_setting_or_from_where_we_listen(given, origin, secure):
    found = Settings(**given)
    assert (found.origin, found.secure) == (origin, secure)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere_gives_links_that_a_phone_on_the_network_can_open(monkeypatch, host):
    monkeypatch.setattr(module, "_address_on_the_network", lambda: "192.0.2.7")
    assert Settings(host=host, port=8000).origin == "http://192.0.2.7:8000"


def test_a_machine_without_a_network_still_has_an_origin(monkeypatch):
    class Unplugged:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def connect(self, _address):
            raise OSError("no route")

    monkeypatch.setattr(module.socket, "socket", lambda *_: Unplugged())
    assert Settings(host="0.0.0.0", port=8000).origin == "http://127.0.0.1:8000"


def test_the_data_folder_moves_the_database_and_a_url_replaces_it(tmp_path):
    assert Settings(data_dir=tmp_path).url == f"sqlite:///{tmp_path / 'minqing.db'}"
    assert Settings(database_url="postgresql+psycopg://a@b/c").url == "postgresql+psycopg://a@b/c"


def test_neither_the_password_in_the_url_nor_the_keys_are_printed(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://u:hunter22@db/c")
    monkeypatch.setenv("MINQING_KEYS", "very-private")
    found = load()
    assert "hunter22" not in repr(found)
    assert "very-private" not in f"{found!r} {found}"
    assert "hunter22" in found.url


def test_a_refused_value_next_to_a_password_does_not_print_the_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://u:hunter22@db/c")
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(MisconfiguredError) as caught:
        load()
    assert "hunter22" not in str(caught.value)


def test_settings_do_not_change_after_the_start():
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_every_setting_says_in_words_what_it_does():
    for name, field in Settings.model_fields.items():
        assert field.description, name
