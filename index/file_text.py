"""A file -> its bytes or its text, whatever its encoding; what holds no text is refused."""

import re
from pathlib import Path

import charset_normalizer

from index.errors import ArticleRefused

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
CONTROL_SHARE = 0.02  # of the characters; more than this is not text
LARGEST_FILE = 64 * 2**20  # bytes; no article is near it
DECLARED = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,200}?\b(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE
)
DECLARATION_WITHIN = 4096  # bytes


def check_file(path: Path, *, largest: int = LARGEST_FILE) -> None:
    """Raises ArticleRefused for what is no file, or one too large to be read."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise ArticleRefused(f"{path} does not exist: give the path of an article.") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if path.is_dir():
        raise ArticleRefused(f"{path} is a folder: give the files in it, one by one.")
    if not path.is_file():
        raise ArticleRefused(f"{path} is no regular file: give the path of an article.")
    if status.st_size > largest:
        raise ArticleRefused(
            f"{path} holds {status.st_size / 2**20:,.0f} MB, and at most {largest // 2**20} MB are "
            "read of one file: cut it into smaller files."
        )


def read_file_bytes(path: Path) -> bytes:
    """The file's bytes; raises ArticleRefused when it cannot be read or is too large."""
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None


def read_file_text(path: Path) -> str:
    """The file's text; raises ArticleRefused when it cannot be read, is binary or is empty."""
    text = decoded(read_file_bytes(path))
    if text is None:
        raise ArticleRefused(
            f"{path} is not a text file: save the article as text, then try again."
        )
    if not text.strip():
        raise ArticleRefused(f"{path} is empty: put the article's text into it or remove it.")
    return text


def decoded(data: bytes, *, charset: str | None = None) -> str | None:
    """The text by byte order mark, `charset`, its own declaration, as UTF-8 or by best guess.

    None when the bytes are no text.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decoded_as(data, encoding)
    if b"\0" in data:
        return None
    text = _decoded_as(data, "utf-8")
    declared = charset or declared_charset(data)
    if text is None and declared:
        text = _decoded_as(data, declared)
    if text is None:
        text = _guessed(data)
    return None if text is None or _is_mostly_control(text) else text


def declared_charset(data: bytes) -> str | None:
    """The encoding that a page or an XML file names at its head."""
    match = DECLARED.search(data[:DECLARATION_WITHIN])
    return match.group(1).decode("ascii") if match else None


def _decoded_as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _guessed(data: bytes) -> str | None:
    """Western European where that fits as well as the best guess, for short texts fit many."""
    matches = charset_normalizer.from_bytes(data)
    best = matches.best()
    if best is None:
        return None
    western = [
        match for match in matches if "cp1252" in (match.encoding, *match.could_be_from_charset)
    ]
    if western and western[0].chaos <= best.chaos:
        return _decoded_as(data, "cp1252")
    return str(best)


def _is_mostly_control(text: str) -> bool:
    controls = sum(character < " " and character not in "\n\r\t\f" for character in text)
    return controls > CONTROL_SHARE * len(text)


def unreadable(path: Path, error: Exception) -> ArticleRefused:
    """The refusal of a file that the system would not open."""
    reason = getattr(error, "strerror", None) or error
    return ArticleRefused(f"{path} cannot be read ({reason}): check the file's permissions.")
