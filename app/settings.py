"""The only reader of the environment. Unknown MINQING_* names and weak values are refused at start."""

import os
import socket
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import MisconfiguredError

PREFIX = "MINQING_"


class Settings(BaseSettings):
    """Everything an operator can set. Each field's description is its line in the README's table."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    data_dir: Path = Field(
        Path("data"), description="Folder that holds everything the server writes: database, uploads, keys"
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="DATABASE_URL",
        description="`postgresql+psycopg://…` for a city; empty means SQLite inside the data folder",
    )
    host: str = Field(
        "127.0.0.1",
        validation_alias="HOST",
        description="Address to listen on; `0.0.0.0` lets phones on the same network in",
    )
    port: int = Field(8000, ge=0, le=65535, validation_alias="PORT", description="Port to listen on")
    base_url: str = Field(
        "",
        description="Public origin in codes and links, such as `https://mq.example.cn`; empty: from HOST and PORT",
    )
    keys: SecretStr = Field(
        SecretStr(""), description="Key ring as JSON; empty: `keys.json` (0600) in the data folder, made on first start"
    )
    demo: bool = Field(False, description="`1` allows the demo compound and its accounts; never in a real deployment")
    worker: Literal["inprocess", "off"] = Field(
        "inprocess", description="`off` where `python -m app worker` runs on its own"
    )
    threads: int = Field(8, ge=1, le=64, description="Threads that serve requests, per process")
    log_format: Literal["json", "text"] = Field("text", description="Log lines as JSON or as plain text")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe log line that is written"
    )
    allowed_hosts: str = Field(
        "", description="Comma-separated host names to answer to; empty: any (links never use the request's host)"
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Comma-separated addresses or networks whose X-Forwarded-For is believed, and nobody else's",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for `/metrics`; empty: only requests made on this machine get it"
    )
    hsts: bool = Field(False, description="`1` sends Strict-Transport-Security; set it once HTTPS is permanent")
    wecom_robot_key: SecretStr = Field(
        SecretStr(""), description="Key of the WeCom group robot that carries notices; empty: they go to the log only"
    )
    wecom_url: str = Field(
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        description="Address of the robot's service, without the key; for tests and gateways",
    )
    webhook_url: str = Field(
        "", description="Where staff notices go as signed webhooks, beside the group; empty: nowhere"
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="What webhooks are signed with: `whsec_` and 24 to 64 bytes in base64"
    )
    sms_key_id: str = Field(
        "", description="Access key of the text message service (Aliyun SMS) for reporters; empty: no text messages"
    )
    sms_key_secret: SecretStr = Field(SecretStr(""), description="Secret of that access key")
    sms_sign_name: str = Field("", description="Approved signature name of the text messages")
    sms_template: str = Field("", description="Approved template with the values `number` and `what`, like `SMS_123`")
    sms_url: str = Field(
        "https://dysmsapi.aliyuncs.com/", description="Address of the text message service; for tests and gateways"
    )
    max_upload_mb: int = Field(10, ge=1, le=50, description="Largest photo or workbook accepted, in MB")

    @cached_property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'minqing.db'}"

    @cached_property
    def origin(self) -> str:
        """The public origin, without a trailing slash."""
        if self.base_url:
            return self.base_url.rstrip("/")
        host = _address_on_the_network() if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 -- compared, not bound
        return f"http://{host}:{self.port}"

    @cached_property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of the proxies that may say for whom they ask."""
        return tuple(ip_network(net.strip(), strict=False) for net in self.trusted_proxies.split(",") if net.strip())

    @cached_property
    def ways(self) -> frozenset[str]:
        """The ways out, beside the group, that there are credentials for."""
        return frozenset(way for way, there in (("webhook", self.webhook_url), ("sms", self.sms_key_id)) if there)

    @cached_property
    def secure(self) -> bool:
        """Whether browsers reach us by HTTPS (cookies are then marked Secure)."""
        return urlsplit(self.origin).scheme == "https"


def load() -> Settings:
    """The settings of this process. Raises MisconfiguredError with words that say what to change."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    tests = PREFIX + "TEST_"
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and not name.startswith(tests) and name not in known
    )
    if unknown:
        message = f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        raise MisconfiguredError(message)
    try:
        settings = Settings()
    except ValidationError as error:
        raise MisconfiguredError(
            "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        ) from error
    origin = urlsplit(settings.base_url)
    if settings.base_url and (
        origin.scheme not in {"http", "https"}
        or not origin.hostname
        or origin.path.strip("/")
        or origin.query
        or origin.fragment
    ):
        raise MisconfiguredError("MINQING_BASE_URL must look like https://mq.example.cn")
    try:
        _ = settings.proxies
    except ValueError as error:
        raise MisconfiguredError("MINQING_TRUSTED_PROXIES must list addresses or networks (10.0.0.0/8)") from error
    if settings.sms_key_id and not (
        settings.sms_key_secret.get_secret_value() and settings.sms_sign_name and settings.sms_template
    ):
        raise MisconfiguredError("MINQING_SMS_KEY_ID needs MINQING_SMS_KEY_SECRET, _SIGN_NAME and _TEMPLATE too")
    for name, address in (("WECOM_URL", settings.wecom_url), ("SMS_URL", settings.sms_url)):
        if urlsplit(address).query or not _is_private(address):
            raise MisconfiguredError(f"MINQING_{name} must be an https address without the key")
    if settings.webhook_url and not _is_private(settings.webhook_url):
        raise MisconfiguredError("MINQING_WEBHOOK_URL must be an https address")
    return settings


def _is_private(address: str) -> bool:
    """Whether nobody on the way can read what is sent there: by HTTPS, or to this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")


def _address_on_the_network() -> str:
    """This machine's address as its neighbours see it; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
