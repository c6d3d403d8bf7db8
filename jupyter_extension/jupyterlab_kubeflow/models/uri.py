"""Where a model is stored: the URIs that KServe's storage initialiser takes, checked and told in parts.

The same rules are in ``src/ui/storageUri.ts``; ``tests/models/uris.json`` holds both to one another. Source: KServe's ``kserve_storage`` and
the prefixes that its controller accepts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from jupyterlab_kubeflow.errors import KubeflowError


@dataclass(frozen=True)
class StorageUri:
    """A storage URI that passed the checks.

    ``uri`` is how it is written down (scheme in small letters, a local path as ``file://…``), ``parts`` what it consists of: ``path`` of
    ``file``; ``bucket``, ``path``, ``endpoint``, ``region`` of ``s3``; ``bucket``, ``path`` of ``gs``; ``claim``, ``path`` of ``pvc``; ``owner``,
    ``model``, ``revision`` of ``hf`` and ``modelscope``; ``registry``, ``repository``, ``tag``, ``digest`` of ``oci``; ``account``,
    ``container``, ``path`` of ``azure``; ``host``, ``path`` of ``http`` and ``https``; ``path`` of ``hdfs``. What is not given is not there.
    """

    scheme: str
    uri: str
    parts: dict[str, str] = field(default_factory=dict)


class UriProblem(KubeflowError):
    """A URI that cannot be used; ``part`` names the part that is wrong."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message, details={"field": "uri", "part": part})
        self.part = part


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_CLAIM = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_HUB_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_REGISTRY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
_REPOSITORY = re.compile(r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HOST = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
)
_AZURE = re.compile(
    r"([A-Za-z0-9-]+)\.(?:blob\.core\.windows\.net|file\.core\.windows\.net|z[0-9]{1,2}\.(?:blob|file)\.storage\.azure\.net)"
)
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SECRET = re.compile(
    r"[?&](sig|x-amz-signature|x-amz-security-token|x-goog-signature|access_token|token|password)=",
    re.IGNORECASE,
)
_AZURE_FORM = "https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH"
_INSTEAD = {
    "abfs": _AZURE_FORM,
    "abfss": _AZURE_FORM,
    "az": _AZURE_FORM,
    "azure": _AZURE_FORM,
    "wasb": _AZURE_FORM,
    "wasbs": _AZURE_FORM,
    "gcs": "gs://BUCKET/PATH",
    "huggingface": "hf://OWNER/MODEL",
    "minio": "s3://BUCKET/PATH?endpoint=URL",
    "s3a": "s3://BUCKET/PATH",
    "s3n": "s3://BUCKET/PATH",
}
_KNOWN = "file, s3, gs, pvc, oci, hf, modelscope, https, http, hdfs and webhdfs"


def storage_uri(text: str) -> StorageUri:
    """The checked URI of ``text``, a URI or an absolute path of this machine. Raises :class:`UriProblem` with the part and the remedy."""
    given = text.strip(" \t\r\n")
    if not given:
        raise UriProblem("uri", "Give the URI of the model, for example s3://bucket/path.")
    if _CONTROL.search(given):
        raise UriProblem("uri", "The URI has a control character in it. Remove it.")
    if given.startswith("/"):
        return _file(given, encoded=False)
    match = _SCHEME.fullmatch(given)
    if not match:
        raise UriProblem(
            "scheme",
            "The URI has no scheme. Begin it with one, for example s3://, or give an absolute path.",
        )
    scheme, rest = match[1].lower(), match[2]
    read = _READERS.get(scheme)
    if read is None:
        raise UriProblem("scheme", _unknown(scheme))
    if _SECRET.search(rest):
        raise UriProblem(
            "query",
            "The URI holds a credential, which everybody who sees the registry could read. Leave it out and put it into a secret.",
        )
    return read(scheme, rest)


def file_uri(path: str) -> str:
    """The URI of an absolute path.

    Only ``%``, ``?``, ``#`` and spaces at its end are encoded, since KServe decodes nothing: any other path it reads as it is.
    """
    encoded = path.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
    bare = encoded.rstrip(" ")
    return f"file://{bare}{'%20' * (len(encoded) - len(bare))}"


def _unknown(scheme: str) -> str:
    if scheme == "model-registry":
        return (
            "model-registry:// points to a registry, not to where the model is stored. Give that."
        )
    if scheme in _INSTEAD:
        return f"KServe reads no {scheme}://. Write {_INSTEAD[scheme]}."
    return f"KServe reads no {scheme}://. Use one of {_KNOWN}."


def _escapes(text: str, part: str) -> None:
    if _ESCAPE.search(text):
        raise UriProblem(part, f"The {part} has a % that stands for no character. Write it as %25.")


def _decoded(text: str, part: str) -> str:
    _escapes(text, part)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise UriProblem(
            part, f"The {part} has an escape that stands for no character. Write it in UTF-8."
        ) from None


def _no_climbing(path: str) -> None:
    if ".." in path.split("/"):
        raise UriProblem("path", "The path has .. in it. Write it without.")


def _file(path: str, *, encoded: bool) -> StorageUri:
    decoded = _decoded(path, "path") if encoded else path
    if _CONTROL.search(decoded):
        raise UriProblem("path", "The path has a control character in it. Rename the file.")
    _no_climbing(decoded)
    if not decoded.strip("/"):
        raise UriProblem(
            "path", "The URI names no file. Add its path, for example file:///home/me/model."
        )
    return StorageUri("file", file_uri(decoded), {"path": decoded})


def _local(scheme: str, rest: str) -> StorageUri:
    if rest.startswith("localhost/"):
        rest = rest[len("localhost") :]
    if not rest.startswith("/"):
        raise UriProblem(
            "path",
            "A file: URI has three slashes and an absolute path, for example file:///home/me/model.",
        )
    if "?" in rest or "#" in rest:
        raise UriProblem("path", "The path has a ? or # in it. Write it as %3F or %23.")
    return _file(rest, encoded=True)


def _bucket(scheme: str, rest: str) -> tuple[str, str]:
    bucket, _, path = rest.partition("/")
    if not bucket:
        raise UriProblem("bucket", f"The URI names no bucket. Write {scheme}://BUCKET/PATH.")
    if not _BUCKET.fullmatch(bucket):
        raise UriProblem(
            "bucket",
            f'"{bucket}" is no name of a bucket: 3 to 222 small letters, digits, dots, hyphens and underscores, a letter or digit at both ends.',
        )
    return bucket, path


def _s3(scheme: str, rest: str) -> StorageUri:
    location, mark, query = rest.partition("?")
    bucket, path = _bucket(scheme, location)
    parts = {"bucket": bucket, "path": path}
    for pair in query.split("&") if mark else []:
        name, _, value = pair.partition("=")
        if name == "endpoint":
            parts["endpoint"] = _endpoint(_decoded(value, "endpoint"))
        elif name == "defaultRegion" and value:
            parts["region"] = _decoded(value, "region")
        else:
            raise UriProblem(
                "query", "After ? there may be endpoint=URL and defaultRegion=REGION only."
            )
    return StorageUri(scheme, f"{scheme}://{rest}", parts)


def _endpoint(url: str) -> str:
    match = _SCHEME.fullmatch(url)
    host = match[2].rstrip("/") if match else ""
    if not match or match[1] not in ("http", "https") or not _HOST.fullmatch(host.split("/")[0]):
        raise UriProblem(
            "endpoint",
            "The endpoint must be an http or https URL, for example https://s3.example.com.",
        )
    return url


def _gs(scheme: str, rest: str) -> StorageUri:
    bucket, path = _bucket(scheme, rest)
    return StorageUri(scheme, f"{scheme}://{rest}", {"bucket": bucket, "path": path})


def _pvc(scheme: str, rest: str) -> StorageUri:
    claim, _, path = rest.partition("/")
    if not claim:
        raise UriProblem("claim", "The URI names no volume claim. Write pvc://CLAIM/PATH.")
    if not _CLAIM.fullmatch(claim):
        raise UriProblem(
            "claim",
            f'"{claim}" is no name of a volume claim: small letters, digits, hyphens and dots, a letter or digit at both ends.',
        )
    _no_climbing(path)
    return StorageUri(scheme, f"{scheme}://{rest}", {"claim": claim, "path": path})


def _hub(scheme: str, rest: str) -> StorageUri:
    owner, slash, named = rest.partition("/")
    model, colon, revision = named.partition(":")
    if not owner or not slash or not model or "/" in named:
        raise UriProblem(
            "model", f"Write {scheme}://OWNER/MODEL or {scheme}://OWNER/MODEL:REVISION."
        )
    for part, value in (("owner", owner), ("model", model)):
        if not _HUB_NAME.fullmatch(value):
            raise UriProblem(
                part,
                f'"{value}" cannot be the {part}: up to 96 letters, digits, dots, hyphens and underscores.',
            )
    parts = {"owner": owner, "model": model}
    if colon:
        if not _REVISION.fullmatch(revision):
            raise UriProblem(
                "revision", "After : there must be a branch, a tag or a commit without a slash."
            )
        parts["revision"] = revision
    return StorageUri(scheme, f"{scheme}://{rest}", parts)


def _oci(scheme: str, rest: str) -> StorageUri:
    image, at, digest = rest.partition("@")
    parts: dict[str, str] = {}
    first, slash, others = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        if not _REGISTRY.fullmatch(first):
            raise UriProblem(
                "registry", f'"{first}" is no host of a registry. Write HOST or HOST:PORT.'
            )
        parts["registry"], image = first, others
    repository, colon, tag = image.partition(":")
    if not repository:
        raise UriProblem(
            "repository", f"The URI names no image. Write {scheme}://REGISTRY/REPOSITORY:TAG."
        )
    if not _REPOSITORY.fullmatch(repository):
        raise UriProblem(
            "repository",
            f'"{repository}" is no name of an image: small letters, digits, dots, hyphens and underscores between slashes.',
        )
    parts["repository"] = repository
    if colon:
        if not _TAG.fullmatch(tag):
            raise UriProblem(
                "tag",
                "After : there must be a tag: letters, digits, dots, hyphens and underscores.",
            )
        parts["tag"] = tag
    if at:
        if not _DIGEST.fullmatch(digest):
            raise UriProblem("digest", "After @ there must be sha256: and 64 hexadecimal digits.")
        parts["digest"] = digest
    return StorageUri("oci", f"{scheme}://{rest}", parts)


def _web(scheme: str, rest: str) -> StorageUri:
    authority, _, path = rest.partition("/")
    if "@" in authority:
        raise UriProblem(
            "host", "The URI holds a user or a password. Leave it out and put it into a secret."
        )
    if not authority:
        raise UriProblem("host", f"The URI names no host. Write {scheme}://HOST/PATH.")
    if not _HOST.fullmatch(authority):
        raise UriProblem("host", f'"{authority}" is no host. Write HOST or HOST:PORT.')
    azure = _AZURE.fullmatch(authority)
    if azure:
        return _azure(scheme, rest, azure[1], path)
    if not path.split("?")[0].strip("/"):
        raise UriProblem("path", "The URI names no file. Add its path after the host.")
    return StorageUri(scheme, f"{scheme}://{rest}", {"host": authority, "path": path})


def _azure(scheme: str, rest: str, account: str, path: str) -> StorageUri:
    if scheme != "https":
        raise UriProblem(
            "scheme", "Azure's storage is reached by https. Write https:// in place of http://."
        )
    container, _, inside = path.partition("/")
    if not container or not inside.strip("/"):
        raise UriProblem("path", f"The URI names no container with a path. Write {_AZURE_FORM}.")
    parts = {"account": account, "container": container, "path": inside}
    return StorageUri("azure", f"{scheme}://{rest}", parts)


def _hdfs(scheme: str, rest: str) -> StorageUri:
    if not rest.strip("/"):
        raise UriProblem("path", f"The URI names no file. Write {scheme}://PATH.")
    return StorageUri("hdfs", f"{scheme}://{rest}", {"path": rest})


_READERS = {
    "file": _local,
    "s3": _s3,
    "gs": _gs,
    "pvc": _pvc,
    "hf": _hub,
    "modelscope": _hub,
    "oci": _oci,
    "oci+native": _oci,
    "oci+fetch": _oci,
    "http": _web,
    "https": _web,
    "hdfs": _hdfs,
    "webhdfs": _hdfs,
}
