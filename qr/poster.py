"""One poster: what is printed for one place."""

from dataclasses import dataclass

from qr import codes


@dataclass(frozen=True)
class Poster:
    """The values of one poster, all of them printed. `code` and `origin` are made canonical.

    Raises CodeError for a wrong code and ValueError for a wrong origin or a blank text.
    """

    code: str
    origin: str
    compound: str
    place_label: str
    duty_phone: str
    serial: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", codes.parse(self.code))
        object.__setattr__(self, "origin", codes.parse_origin(self.origin))
        for field in ("compound", "place_label", "duty_phone", "serial"):
            text = " ".join(getattr(self, field).split())
            if not text and field != "serial":
                raise ValueError(f"{field} is blank")
            object.__setattr__(self, field, text)

    @property
    def url(self) -> str:
        return codes.url(self.origin, self.code)

    @property
    def host(self) -> str:
        """The name a resident compares with the address bar, with its port where there is one."""
        return self.origin.partition("://")[2]
