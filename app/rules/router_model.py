"""The linear model behind the guess: character n-grams and taxonomy hits in, one score for each leaf out."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

FORMAT = 1
BOUNDARY = "，"
DIGIT = "0"
# Between the two of a pair; no folded text has it.
WITH = "+"
RIVALS, DOUBT = 5, 0.03
# Of a very long letter the beginning and the end are read: there people say what they want.
HEAD, TAIL = 900, 300
_NOT_A_WORD = re.compile(r"[^\w]|_")
_DIGIT = re.compile(r"\d")
_SPANS, _LONGEST_SPAN, _FAINT = 3, 8, 0.4

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]


_chosen: "list[Callable[[], Model | None]]" = []


class UnreadableModelError(ValueError):
    """These bytes are no model of a format that this version reads."""


@dataclass(frozen=True, eq=False)
class Model:
    """Weights of one training. Compared by identity, so it can be the key of a cache.

    `weights` (grams × classes and one more) are small integers, one `scale` a row; grams are runs of up to `longest`
    characters and pairs within `reach`. `hit_weights` (hit_leaves × the same) weigh what the taxonomy's words say.
    `temperature` turns scores into probabilities. The last column judges danger: 0 is where a person is called, but for
    signs and calm.
    """

    version: str
    classes: tuple[str, ...]
    longest: int
    reach: int
    grams: Mapping[str, int]
    idf: Floats
    scale: Floats
    weights: npt.NDArray[np.int8]
    hit_leaves: Mapping[str, int]
    hit_weights: Floats
    intercept: Floats
    temperature: float


@dataclass(frozen=True)
class Seen:
    """What a model knows of a text: which runs where, and what each different run or pair adds to every score."""

    text: str
    ids: Whole
    starts: Whole
    lengths: Whole
    known: Whole
    adds: Floats  # known × classes and danger

    @property
    def says_something(self) -> bool:
        """Whether two letters that belong together are known."""
        return any(self.text[start : start + 2].isalpha() for start in self.starts[self.lengths == 2].tolist())  # noqa: PLR2004


def fold(text: str) -> str:
    """The text as the model reads it: one width, no capitals or spaces, digits alike, other marks a boundary.

    Never raises; lone surrogates and pictures are boundaries. Longer than 1,200 characters is cut in the middle.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    if len(plain) > HEAD + TAIL:
        plain = f"{plain[:HEAD]}{BOUNDARY}{plain[-TAIL:]}"
    return _NOT_A_WORD.sub(BOUNDARY, _DIGIT.sub(DIGIT, plain))


def framed(folded: str) -> str:
    """Beginning and end count as boundaries too."""
    return f"{BOUNDARY}{folded}{BOUNDARY}"


def grams(folded: str, longest: int, reach: int = 0) -> list[str]:
    """Every run of one to `longest` characters, as often as it is there, and once every pair within `reach`."""
    text = framed(folded)
    runs = [text[at : at + size] for size in range(1, longest + 1) for at in range(len(text) - size + 1)]
    return runs + pairs(folded, reach)


def pairs(folded: str, reach: int) -> list[str]:
    """Any two letters of one clause with less than `reach` letters between them, in no order; digits are passed over.

    People put words between what belongs together ("水管一直在漏水"), and turn it round.
    """
    found: set[str] = set()
    for clause in folded.split(BOUNDARY) if reach else ():
        letters = clause.replace(DIGIT, "")
        for at, one in enumerate(letters):
            found.update(
                f"{one}{WITH}{other}" if one <= other else f"{other}{WITH}{one}"
                for other in letters[at + 1 : at + 1 + reach]
            )
    return sorted(found)


def look(model: Model, folded: str) -> Seen:
    """The known grams of a folded text; a gram counts 1 + ln(times) times its rarity, all of them together one."""
    text = framed(folded)
    number = model.grams.get
    size = len(text)
    every = [
        number(text[at : at + length], -1) for length in range(1, model.longest + 1) for at in range(size - length + 1)
    ]
    ids = np.array(every, np.int64)
    starts = np.concatenate([np.arange(size - length + 1) for length in range(1, model.longest + 1)])
    lengths = np.repeat(np.arange(1, model.longest + 1), [size - length for length in range(model.longest)])
    there = ids >= 0
    near = np.array([number(pair, -1) for pair in pairs(folded, model.reach)], np.int64)
    known, times = np.unique(np.concatenate([ids[there], near[near >= 0]]), return_counts=True)
    values = (1 + np.log(times)) * model.idf[known]
    share = values * model.scale[known] / (float(np.sqrt(values @ values)) or 1.0)
    adds = model.weights[known] * share.astype(np.float32)[:, None]
    return Seen(text, ids[there], starts[there], lengths[there], known, adds)


def scores(model: Model, seen: Seen, hits: Mapping[str, int]) -> Floats:
    """One score for each class of the model, and last the one for danger; `hits` are the taxonomy's scores by leaf."""
    total = seen.adds.sum(axis=0) + model.intercept
    for leaf, score in hits.items():
        if leaf in model.hit_leaves:
            total = total + hit_value(score) * model.hit_weights[model.hit_leaves[leaf]]
    return np.asarray(total, np.float32)


def hit_value(score: int) -> float:
    """A taxonomy score as the model counts it: the first word matters most."""
    return float(np.log1p(score)) / 3


def probabilities(values: Floats, temperature: float) -> Floats:
    """The chance of each class, from scores along the last axis: they add up to one and keep the scores' order.

    The RIVALS best share what certainty there is, as a softmax; a little DOUBT goes to all alike, for no text is so
    clear that only five leaves are thinkable.
    """
    classes = values.shape[-1]
    if classes <= RIVALS:
        return _softmax(values / temperature)
    floor = np.partition(values, classes - RIVALS, axis=-1)[..., classes - RIVALS, None]
    shares = _softmax(np.where(values >= floor, values / temperature, -np.inf))
    return np.asarray(shares * (1 - DOUBT) + DOUBT / classes, np.float32)


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def spans(seen: Seen, number: int) -> tuple[str, ...]:
    """The words of the text that spoke most for class `number`, in the text's order: readable, at most three."""
    if not len(seen.known):
        return ()
    worth = seen.adds[:, number] - seen.adds.mean(axis=1)
    each = worth[np.searchsorted(seen.known, seen.ids)] / seen.lengths
    size = len(seen.text) + 1
    change = np.bincount(seen.starts, each, size) - np.bincount(seen.starts + seen.lengths, each, size)
    return _peaks(seen.text, np.cumsum(change)[:-1])


def _peaks(text: str, heat: npt.NDArray[np.float64]) -> tuple[str, ...]:
    """Runs of characters that are warm against the warmest; single ones only where there is nothing longer."""
    mute = np.array([not sign.isalpha() for sign in text])
    heat = np.where(mute, 0.0, heat)
    if heat.max(initial=0.0) <= 0:
        return ()
    warm = np.flatnonzero(heat > _FAINT * heat.max())
    runs = np.split(warm, np.flatnonzero(np.diff(warm) > 1) + 1)
    words = [(float(heat[run].sum()), int(run[0]), text[run[0] : run[0] + _LONGEST_SPAN][: len(run)]) for run in runs]
    longer = [word for word in words if len(word[2]) > 1]
    best = sorted(longer or words, reverse=True)[:_SPANS]
    return tuple(dict.fromkeys(word for _, _, word in sorted(best, key=lambda item: item[1])))


@cache
def shipped() -> Model:
    """The model that ships with the product."""
    return read((files("app") / "catalogue" / "router.npz").read_bytes())


def in_use() -> Model:
    """The model that guesses here: the one that was put to use, else the one that ships."""
    return (_chosen[-1]() if _chosen else None) or shipped()


def use(model: Model | None) -> None:
    """Puts a model to use in this process from the next text on; None goes back to the one that ships."""
    _chosen[:] = [lambda: model] if model else []


def follow(source: Callable[[], Model | None]) -> None:
    """Asks `source` for the model at every text from now on; None from it means the one that ships."""
    _chosen[:] = [source]


def dump(model: Model) -> bytes:
    """The model as one compressed .npz: the same model, the same bytes."""
    meta = {
        "format": FORMAT,
        "version": model.version,
        "classes": model.classes,
        "longest": model.longest,
        "reach": model.reach,
        "hit_leaves": _in_order(model.hit_leaves),
        "temperature": model.temperature,
    }
    parts: dict[str, npt.NDArray[Any]] = {
        "meta": _letters(json.dumps(meta, sort_keys=True)),
        "grams": _letters("\n".join(_in_order(model.grams))),
        "idf": model.idf.astype(np.float16),
        "scale": model.scale.astype(np.float16),
        "weights": model.weights,
        "hit_weights": model.hit_weights.astype(np.float16),
        "intercept": model.intercept.astype(np.float32),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, part in parts.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(part), allow_pickle=False)
            packed.writestr(zipfile.ZipInfo(f"{name}.npy"), body.getvalue(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def read(data: bytes) -> Model:
    """The model in these bytes; raises UnreadableModelError. Nothing in the file is executed."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            meta = json.loads(parts["meta"].tobytes())
            if meta["format"] != FORMAT:
                raise UnreadableModelError(f"format {meta['format']}, this version reads {FORMAT}")
            return Model(
                version=meta["version"],
                classes=tuple(meta["classes"]),
                longest=meta["longest"],
                reach=meta.get("reach", 0),  # files from before there were pairs
                grams=_numbered(parts["grams"].tobytes().decode().split("\n")),
                idf=parts["idf"].astype(np.float32),
                scale=parts["scale"].astype(np.float32),
                weights=parts["weights"],
                hit_leaves=_numbered(meta["hit_leaves"]),
                hit_weights=parts["hit_weights"].astype(np.float32),
                intercept=parts["intercept"],
                temperature=meta["temperature"],
            )
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableModelError(str(error)) from error


def _letters(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _in_order(numbers: Mapping[str, int]) -> list[str]:
    return sorted(numbers, key=numbers.__getitem__)


def _numbered(words: Sequence[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}
