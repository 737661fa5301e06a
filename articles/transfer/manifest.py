"""The manifest of an export: lists that `sha256sum --check` reads, and a signature for `openssl`.

Beside an export NAME there are then `NAME.texts` (the SHA-256 of every article that readers have,
by the address of its canonical text), `NAME.SHA256SUMS` (of NAME, of `NAME.texts`, of photos)
and, with a key, `NAME.SHA256SUMS.sig` and `NAME.SHA256SUMS.pub`. docs/fixity.md says how they are
checked. OpenSSL's own program signs: whoever checks has the same.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

from articles.transfer.exporting import Exported

SUMS, TEXTS, SIGNATURE, PUBLIC = ".SHA256SUMS", ".texts", ".sig", ".pub"
PHOTOS = "photos"
# The public half of an Ed25519 key in DER begins so, 32 bytes follow (RFC 8410, section 4).
_ED25519 = bytes.fromhex("302a300506032b6570032100")
MAKE_ONE = "用 openssl genpkey -algorithm ed25519 -out 密钥.pem 可以生成一个"


class BadKey(Exception):
    """Nothing can be signed; the text says why, in Chinese."""


class Manifest:
    """Takes note of an export while it is written. About a hundred bytes of memory a photo."""

    def __init__(self, target: Path, key: Path | None = None) -> None:
        """`target`: the export's file; `key`: an Ed25519 key (PEM) to sign with. Raises BadKey."""
        self._target = target
        self._key = key
        sums = self._beside(SUMS)
        self._signed = sums.with_name(sums.name + SIGNATURE), sums.with_name(sums.name + PUBLIC)
        written = (target, sums, self._beside(TEXTS), *self._signed)
        if key and key.resolve() in {path.resolve() for path in written}:
            raise BadKey(f"密钥 {key} 会被这次导出的文件盖掉，请换一个地方放密钥")
        self._public = _public(key) if key else b""
        self._photos: set[str] = set()
        self._texts = self._beside(TEXTS).with_suffix(f"{TEXTS}.part").open("w", encoding="utf-8")

    def begin(self) -> None:
        """The export is about to be replaced: what was said of the one before holds no longer."""
        for old in (*self._signed, self._beside(SUMS), self._beside(TEXTS)):
            old.unlink(missing_ok=True)

    def add(self, article: Exported) -> None:
        """An article more."""
        self._photos.update(article.files)
        if article.text:
            self._texts.write(f"{article.sha256}  {article.text}\n")

    def finish(self) -> list[Path]:
        """Write all, the list of files last but for its signature; what was written.

        Reads every file of the export once more, as it lies on the disk.
        """
        self._texts.close()
        texts = Path(self._texts.name).replace(self._beside(TEXTS))
        sums = self._beside(SUMS)
        unfinished = sums.with_name(f"{sums.name}.part")
        folder = self._target.parent
        files = [self._target.name, texts.name, *(f"{PHOTOS}/{n}" for n in sorted(self._photos))]
        with unfinished.open("w", encoding="utf-8") as written:
            for name in files:
                with (folder / name).open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                written.write(f"{digest}  {name}\n")
        unfinished.replace(sums)
        if not self._key:
            return [texts, sums]
        signature, public = self._signed
        _openssl("pkeyutl", "-sign", "-rawin", "-inkey", self._key, "-in", sums, "-out", signature)
        public.write_bytes(self._public)
        return [texts, sums, signature, public]

    def _beside(self, end: str) -> Path:
        return self._target.with_name(self._target.name + end)


def _public(key: Path) -> bytes:
    """The public half of a key, in PEM; raises BadKey for a key that can't sign."""
    if not key.is_file():
        raise BadKey(f"没有密钥文件 {key}；{MAKE_ONE}")
    der = _openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
    if not der.startswith(_ED25519):
        raise BadKey(f"{key} 不是 Ed25519 密钥；{MAKE_ONE}")
    return _openssl("pkey", "-in", key, "-pubout")


def _openssl(*arguments: str | Path) -> bytes:
    program = shutil.which("openssl")
    if program is None:
        raise BadKey("签名要用 openssl 命令，这台机器上没有（Debian：apt install openssl）")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise BadKey(f"openssl 不能用这个密钥签名；{MAKE_ONE}\n{done.stderr.decode().strip()}")
    return done.stdout
