"""Pipeline packages as requests bring them: as an uploaded file, as JSON, or as the name of a file on this machine."""

from __future__ import annotations

import json
import os
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from fastapi import Depends, UploadFile

from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import strict_json
from .kinds import mapping, string
from .specs import MAX_PACKAGE_BYTES, Package, check_spec, read_package


def _upload_parameters(
    name: str = "",
    display_name: str = "",
    description: str = "",
    tags: str = "",
    code_source_url: str = "",
) -> dict[str, Any]:
    """What the query of an upload says of the pipeline or version; ``tags`` is JSON."""
    try:
        given = strict_json(json.loads(tags or "null"))
    except (ValueError, RecursionError) as error:
        raise ApiError.invalid(f"tags is not JSON: {error}.") from error
    texts = {
        "name": name,
        "display_name": display_name,
        "description": description,
        "code_source_url": code_source_url,
    }
    return {
        **{key: string(value, key) for key, value in texts.items()},
        "tags": {} if given is None else mapping(string)(given, "tags"),
    }


UploadParameters = Annotated[dict[str, Any], Depends(_upload_parameters)]


def uploaded_package(file: UploadFile) -> Package:
    """The package in an uploaded file. Raises 400 that names what is wrong."""
    content = file.file.read(MAX_PACKAGE_BYTES + 1)
    if len(content) > MAX_PACKAGE_BYTES:
        raise ApiError.invalid(
            f"The package {file.filename} is larger than {MAX_PACKAGE_BYTES} bytes."
        )
    return read_package(content)


def given_package(version: dict[str, Any]) -> Package:
    """The spec of a version given as JSON: in ``pipeline_spec``, or in the local file that ``package_url`` names."""
    if version.get("pipeline_spec"):
        return check_spec(version["pipeline_spec"])
    url = version.get("package_url", {}).get("pipeline_url")
    if not url:
        raise ApiError.invalid(
            "The pipeline version needs a pipeline_spec, or a package_url.pipeline_url such as file:///home/me/pipeline.yaml."
        )
    return read_package(_file_content(url))


def _file_content(url: str) -> bytes:
    """The content of a ``file:`` URL. Others are not fetched: the server opens no address that a request names."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ApiError.invalid(f"package_url: {url} is not a URL: {error}.") from error
    if parts.scheme != "file":
        raise ApiError.invalid(
            f"Local Kubeflow does not download {url}: it opens no address that a request names. Download the file yourself, and upload it "
            "or give its file:///PATH."
        )
    path = unquote(parts.path)
    try:
        if parts.netloc not in ("", "localhost") or "\0" in path or not os.path.isfile(path):
            raise ApiError.invalid(f"package_url: {url} is not a file on this machine.")
        with open(path, "rb") as file:
            content = file.read(MAX_PACKAGE_BYTES + 1)
    except OSError as error:
        raise ApiError.invalid(f"package_url: {path} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_PACKAGE_BYTES:
        raise ApiError.invalid(f"The package {path} is larger than {MAX_PACKAGE_BYTES} bytes.")
    return content
