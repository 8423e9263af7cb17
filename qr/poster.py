"""One poster: what is printed for one place."""

from dataclasses import dataclass

from qr import codes

MOST_CONTACTS = 4


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
    contacts: tuple[tuple[str, str], ...] = ()  # more lines of the card: (title, phone)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", codes.parse(self.code))
        object.__setattr__(self, "origin", codes.parse_origin(self.origin))
        for field in ("compound", "place_label", "duty_phone", "serial"):
            text = " ".join(getattr(self, field).split())
            if not text and field != "serial":
                raise ValueError(f"{field} is blank")
            object.__setattr__(self, field, text)
        if len(self.contacts) > MOST_CONTACTS:
            raise ValueError(f"a card has room for {MOST_CONTACTS} contacts, not {len(self.contacts)}")
        contacts = tuple((" ".join(title.split()), " ".join(phone.split())) for title, phone in self.contacts)
        if not all(title and phone for title, phone in contacts):
            raise ValueError("contacts: a title or phone is blank")
        object.__setattr__(self, "contacts", contacts)

    @property
    def url(self) -> str:
        return codes.url(self.origin, self.code)

    @property
    def host(self) -> str:
        """The name a resident compares with the address bar, with its port where there is one."""
        return self.origin.partition("://")[2]
