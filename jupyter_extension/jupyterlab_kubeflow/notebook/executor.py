"""Runs one notebook as a KFP task, in the place of ``kfp.dsl.executor_main``.

This file travels inside the pipeline spec and runs on its own: standard library, and nbclient, nbformat and nbconvert imported when needed.

Arguments: ``--executor_input JSON`` (KFP's ExecutorInput), ``--notebook-path``, ``--report-path``, ``--metrics-path`` (local paths of the
output artifacts), ``--payload BASE64`` once or more (joined: gzip of JSON ``{notebook, parameters, kernel, working_directory, cell_timeout,
timeout, name}``; ``parameters`` maps each name to ``{type, default}``; timeouts in seconds).

Progress and the cells' output go to stdout and stderr as they come. The executed notebook is written after every cell. Exit code 0 when all
cells ran; 1 when one failed or took too long; 128 + signal when stopped. The last line of stderr then says where and why:
``Cell 5, line 3: ValueError: …``, counting all cells of the notebook from 1.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import base64
import contextlib
import copy
import gzip
import io
import json
import math
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from typing import Any

METRICS_MIME = "application/vnd.kubeflow.metrics+json"
INJECTED = ["injected-parameters"]
GRACE = 3.0
"""Seconds that a cell has to end after an interrupt."""

# Evaluated in the kernel, in a namespace of its own. Answers the metrics cell's last value when that is a dict, else the numbers it assigned.
COLLECT = """
import ast, json, numbers, decimal

def plain(value):
    if isinstance(value, dict):
        return dict((str(key), plain(item)) for key, item in value.items())
    if hasattr(value, "item"):
        try:
            value = value.item()
        except Exception:
            return None
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, (numbers.Real, decimal.Decimal)):
        return float(value)
    return None

def names(target):
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for item in target.elts for name in names(item)]
    return []

def collect(shell, source, count):
    shown = shell.user_ns.get("Out", dict()).get(count)
    if isinstance(shown, dict):
        return json.dumps(plain(shown))
    found = []
    for statement in ast.parse(shell.transform_cell(source)).body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                found += names(target)
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            found += names(statement.target)
        elif isinstance(statement, ast.Expr):
            found += names(statement.value)
    values = dict((name, plain(shell.user_ns.get(name))) for name in found)
    return json.dumps(dict((k, v) for k, v in values.items() if isinstance(v, (int, float))))
"""


class Failure(Exception):
    """Ends the task with ``message`` as the last line of stderr."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def literal(value: Any, depth: int = 0) -> str:
    """Python source on one line for a JSON value, whatever its text holds."""
    if depth > 40:
        return "__import__('json').loads(" + repr(json.dumps(value)) + ")"
    if isinstance(value, float) and not math.isfinite(value):
        return "float(" + repr(str(value)) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        items = (repr(str(key)) + ": " + literal(item, depth + 1) for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    return repr(value)


def injected_source(values: dict[str, Any]) -> str:
    """The source of the cell that assigns the parameters."""
    lines = ["# Parameters of this run"]
    lines += [name + " = " + literal(value) for name, value in values.items()]
    return "\n".join(lines)


def arguments(given: dict[str, Any], declared: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The values to assign. KFP carries numbers as doubles: the declared type, and an equal default, restore what was meant."""
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        value = given.get(name)
        if value is None:
            continue
        kind = parameter["type"]
        if kind == "NUMBER_INTEGER":
            value = int(value)
        elif kind == "NUMBER_DOUBLE":
            value = float(value)
        elif kind in ("LIST", "STRUCT"):
            value = json.loads(value) if isinstance(value, str) else value
            if _canonical(value) == _canonical(parameter.get("default")):
                value = parameter["default"]
        values[name] = value
    return values


def _canonical(value: Any) -> str:
    def same(item: Any) -> Any:
        if isinstance(item, float) and item.is_integer():
            return int(item)
        if isinstance(item, list):
            return [same(each) for each in item]
        if isinstance(item, dict):
            return {key: same(each) for key, each in item.items()}
        return item

    return json.dumps(same(value), sort_keys=True)


def finite_numbers(found: Any, prefix: str = "") -> dict[str, float]:
    """The finite numbers of a nested dict by dotted name; what is left out is said on stdout."""
    numbers: dict[str, float] = {}
    for key, value in found.items():
        name = prefix + str(key)
        if isinstance(value, dict):
            numbers.update(finite_numbers(value, name + "."))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                finite = math.isfinite(value)
            except OverflowError:
                finite = False
            if finite:
                numbers[name] = value
            else:
                say("Metric " + name + " is " + str(value)[:40] + " and is left out.")
        else:
            say("Metric " + name + " is not a number and is left out.")
    return numbers


def failing_line(traceback: list[str]) -> int | None:
    """The line of the failing cell in what the kernel reports of an error."""
    text = _colour.sub("", "\n".join(traceback))
    found = (
        re.search(r"(?:Cell|Input) In ?\[\d+\], line (\d+)", text)
        or re.search(r"<cell line: (\d+)>", text)
        or re.search(r"^-+> (\d+) ", text, re.MULTILINE)
    )
    return int(found.group(1)) if found else None


def error_text(place: str, source: str, line: int | None, ename: str, evalue: str) -> str:
    """The last words of a failed cell, as a traceback of Python ends: the source line, then ``Cell 5, line 3: ValueError: …``."""
    where = place + (f", line {line}" if line else "")
    lines = source.splitlines()
    shown = f"\n    {lines[line - 1].strip()}" if line and line <= len(lines) else ""
    reason = ename + (": " + " ".join(evalue.split()) if evalue.strip() else "")
    reason = reason if len(reason) <= 1000 else reason[:999] + "…"
    return f"Traceback (most recent call last):\n  {where}{shown}\n{where}: {reason}"


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


def write(path: str, text: str) -> None:
    """Replaces the file as a whole, so that a kill never leaves half of one."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    scratch = path + ".partial"
    with open(scratch, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(text)
    os.replace(scratch, path)


_colour = re.compile(r"\x1b\[[0-9;]*m")
_script = re.compile(r"<script\b[^>]*>.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_style = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.DOTALL | re.IGNORECASE)


_TAGS = """a abbr acronym b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6
hr i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var"""
_ATTRIBUTES = """abbr align alt border class colspan height href id open rowspan scope span src start style title valign width"""


_base64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")
_head = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)


def _described(metadata: Any) -> dict[str, Any]:
    """What a report shows of an image's metadata: a whole width and height, and a plain text in its place."""
    found = metadata if isinstance(metadata, dict) else {}
    size = {name: found.get(name) for name in ("width", "height")}
    kept = {name: value for name, value in size.items() if type(value) is int}
    text = found.get("alt")
    return (
        {**kept, "alt": text} if isinstance(text, str) and not set(text) & set("<>\"'&`") else kept
    )


def _keep_images(output: Any) -> None:
    """Leaves of an output's pictures what cannot break out of the attributes that templates put it in."""
    data, metadata = output["data"], output.get("metadata") or {}
    for kind in [kind for kind in data if kind.startswith("image/") and kind != "image/svg+xml"]:
        coded = data[kind]
        if not isinstance(coded, str) or not _base64.fullmatch(coded):
            del data[kind]
    data.pop("text/vnd.mermaid", None)  # templates put it in as it is, and only scripts draw it
    shown = {kind: _described(metadata[kind]) for kind in data if kind in metadata}
    output["metadata"] = {**_described(metadata), **shown}


def _keep_still(document: Any) -> None:
    """Leaves of each output what shows without scripts: plain text where the HTML is made by one, a drawing as an image."""
    for cell in document.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data:
                _keep_images(output)
            html, drawing = data.get("text/html"), data.get("image/svg+xml")
            if isinstance(html, str) and _script.search(html) and "text/plain" in data:
                del data["text/html"]
            if isinstance(drawing, str):
                coded = base64.b64encode(drawing.encode()).decode()
                image = f'<img alt="Drawing" src="data:image/svg+xml;base64,{coded}">'
                data["text/html"] = image
                del data["image/svg+xml"]


def clean_html(element: Any) -> str:
    """HTML that shows text, tables and pictures of its own, and neither runs nor loads anything. In place of nbconvert's filter,
    which knows no headings, paragraphs or images and shows their tags as text."""
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    def allowed(tag: str, name: str, value: str) -> bool:
        if name == "src":
            return value.startswith("data:image/")
        if name == "href":
            return not value.strip().lower().startswith("data:")
        return name in _ATTRIBUTES.split()

    text = element.decode() if isinstance(element, bytes) else str(element)
    return bleach.clean(
        _style.sub("", _script.sub("", text)),
        tags=_TAGS.split(),
        attributes=allowed,
        protocols=["http", "https", "mailto", "data"],
        css_sanitizer=CSSSanitizer(),
        strip=True,
    )


class Task:
    """One execution of the notebook."""

    def __init__(self, options: argparse.Namespace) -> None:
        import nbformat

        payload = json.loads(gzip.decompress(base64.b64decode("".join(options.payload))))
        self.options = options
        self.executor_input = json.loads(options.executor_input)
        self.payload = payload
        self.metrics: dict[str, float] = {}
        self.number: int | None = None
        self.nb = nbformat.from_dict(payload["notebook"])
        self.cells = list(enumerate(self.nb.cells, 1))
        self.cell_timeout = payload.get("cell_timeout") or None
        self.timeout = payload.get("timeout") or None
        self.deadline: float | None = None
        self._inject()

    def _inject(self) -> None:
        import nbformat

        given = self.executor_input.get("inputs", {}).get("parameterValues", {})
        values = arguments(given, self.payload["parameters"])
        if not values:
            return
        cell = nbformat.v4.new_code_cell(injected_source(values), metadata={"tags": INJECTED})
        place = 0
        for index, (_, other) in enumerate(self.cells):
            if "parameters" in (other.metadata.get("tags") or []) and other.cell_type == "code":
                place = index + 1
        if (self.nb.nbformat, self.nb.nbformat_minor) < (4, 5):
            cell.pop("id", None)
        self.nb.cells.insert(place, cell)
        self.cells.insert(place, (0, cell))
        say("With " + ", ".join(n + " = " + literal(v)[:200] for n, v in values.items()))

    def save(self) -> None:
        """Writes the notebook as it is now."""
        import nbformat

        write(self.options.notebook_path, nbformat.writes(self.nb))

    def report(self) -> None:
        """Writes the HTML report. A report that cannot be made is said, not raised."""
        try:
            from nbconvert import HTMLExporter

            exporter = HTMLExporter(template_name="lab", sanitize_html=True, embed_images=True)
            exporter.register_filter("clean_html", clean_html)
            document = copy.deepcopy(self.nb)
            _keep_still(document)
            title = {"metadata": {"name": self.payload.get("name") or "Notebook"}}
            html, _ = exporter.from_notebook_node(document, resources=title)
            html = _head.sub(lambda found: found.group() + _POLICY, _script.sub("", html), count=1)
            write(self.options.report_path, html)
        except Exception as error:
            say("No HTML report: " + (str(error).strip() or type(error).__name__))

    def finish(self) -> None:
        """Writes metrics and KFP's executor output."""
        if self.metrics:
            write(self.options.metrics_path, json.dumps(self.metrics, indent=1))
        name = self.payload.get("name") or "notebook"
        metadata: dict[str, dict[str, Any]] = {
            "notebook": {"display_name": name + ".ipynb"},
            "report": {"display_name": name + ".html"},
            "metrics": dict(self.metrics),
        }
        outputs = self.executor_input.get("outputs", {})
        artifacts = {}
        for key, found in outputs.get("artifacts", {}).items():
            artifact = found["artifacts"][0]
            artifacts[key] = {
                "artifacts": [
                    {
                        "name": artifact.get("name", ""),
                        "uri": artifact.get("uri", ""),
                        "metadata": {**artifact.get("metadata", {}), **metadata.get(key, {})},
                    }
                ]
            }
        if outputs.get("outputFile"):
            write(outputs["outputFile"], json.dumps({"artifacts": artifacts}))

    async def run(self) -> None:
        """Executes all cells. Raises :class:`Failure`."""
        self.stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        for received in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(received, self._stop, received)
        self.save()
        self.client = self._client()
        try:
            await self._guard(self._start(), None)
            self.deadline = time.monotonic() + self.timeout if self.timeout else None
            code = [c for n, c in self.cells if n and c.cell_type == "code" and c.source.strip()]
            done = 0
            for index, (number, cell) in enumerate(self.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                if number:
                    self.number = number
                    done += 1
                    first = cell.source.strip().splitlines()[0][:80]
                    say(f"[{done}/{len(code)}] cell {number}: {first}")
                await self._cell(index, cell)
        finally:
            await self._shut_down()

    async def _start(self) -> None:
        client, directory = self.client, self._directory()
        try:
            await client.async_start_new_kernel(cwd=directory)
            await client.async_start_new_kernel_client()
        except (OSError, RuntimeError) as error:
            raise Failure(
                'The kernel "' + client.kernel_name + '" does not start: ' + str(error)
            ) from None

    def _directory(self) -> str:
        directory = self.payload.get("working_directory") or os.getcwd()
        if not os.path.isdir(directory):
            raise Failure(
                "The notebook's folder "
                + directory
                + " is not here. Submit the notebook again from where it is now."
            )
        return str(directory)

    async def _cell(self, index: int, cell: Any) -> None:
        from nbclient.exceptions import CellExecutionError, DeadKernelError

        try:
            await self._guard(self.client.async_execute_cell(cell, index), self.cell_timeout)
            if "metrics" in (cell.metadata.get("tags") or []):
                await self._guard(self._collect(cell), self.cell_timeout)
        except CellExecutionError as error:
            reported = [o.traceback for o in cell.outputs if o.output_type == "error"] or [[]]
            place = f"Cell {self.number}" if cell.metadata.get("tags") != INJECTED else "Parameters"
            line = failing_line(reported[-1])
            raise Failure(error_text(place, cell.source, line, error.ename, error.evalue)) from None
        except DeadKernelError:
            raise Failure(
                self._place()
                + "the kernel died. It may have run out of memory, or the code ended its process."
            ) from None
        finally:
            self.save()

    async def _collect(self, cell: Any) -> None:
        """Takes the metrics out of the kernel after the cell tagged ``metrics``."""
        parts = map(repr, (COLLECT, cell.source, cell.execution_count))
        expression = (
            "(lambda code, *given: (lambda ns: (exec(code, ns), ns['collect'](*given))[1])({}))"
        )
        expression += "({}, get_ipython(), {}, {})".format(*parts)
        reply = await self.client.kc.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={"metrics": expression},
            reply=True,
        )
        answer = reply["content"].get("user_expressions", {}).get("metrics", {})
        if answer.get("status") != "ok":
            say("No metrics: " + str(answer.get("evalue") or "the kernel gave none."))
            return
        self.metrics.update(
            finite_numbers(json.loads(ast.literal_eval(answer["data"]["text/plain"])))
        )

    async def _guard(self, work: Any, limit: float | None) -> None:
        """Awaits ``work`` until it ends, a limit is reached or a signal arrives; then interrupts the kernel."""
        task = asyncio.ensure_future(work)
        remaining = self.deadline - time.monotonic() if self.deadline else None
        limits = [each for each in (limit, remaining) if each is not None]
        wait = max(0.0, min(limits)) if limits else None
        await asyncio.wait({task, self.stopped}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        if not self.stopped.done() and task.done():
            await task
            return
        self.save()
        with contextlib.suppress(Exception):
            await self.client.km.interrupt_kernel()
            await asyncio.wait({task}, timeout=GRACE)
        if not task.done():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if self.stopped.done():
            raise Failure(self._place() + "stopped.", 128 + self.stopped.result())
        if remaining is not None and wait == max(0.0, remaining):
            raise Failure(
                self._place()
                + "the notebook did not end within %g s (setting timeout)." % (self.timeout or 0)
            )
        raise Failure(
            self._place() + "did not end within %g s (setting cell_timeout)." % (limit or 0)
        )

    def _place(self) -> str:
        return f"Cell {self.number}: " if self.number else "Before the first cell: "

    def _stop(self, number: int) -> None:
        if not self.stopped.done():
            self.stopped.set_result(number)

    async def _shut_down(self) -> None:
        client = self.client
        with contextlib.suppress(Exception):
            if client.kc is not None:
                client.kc.stop_channels()
        with contextlib.suppress(Exception):
            if client.km is not None and client.km.has_kernel:
                await asyncio.wait_for(client.km.shutdown_kernel(now=True), 10)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _client(self) -> Any:
        from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
        from nbclient import NotebookClient

        name = self.payload.get("kernel") or NATIVE_KERNEL_NAME
        installed = KernelSpecManager().find_kernel_specs()
        if name not in installed:
            raise Failure(
                'The kernel "'
                + name
                + '" of this notebook is not installed here. Installed: '
                + (", ".join(sorted(installed)) or "none")
                + ". Choose one of them for the notebook or install the missing one."
            )
        task = self

        class Client(NotebookClient):
            def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
                task.echo(msg["msg_type"], msg["content"])
                return super().process_message(msg, cell, cell_index)

        client = Client(self.nb, kernel_name=name, timeout=None, startup_timeout=120)
        manager = client.create_kernel_manager()
        sockets = tempfile.mkdtemp(prefix="kernel-")
        if len(sockets) < 80:
            manager.transport = "ipc"
            manager.connection_file = os.path.join(sockets, "k.json")
        self.sockets = sockets
        return client

    def echo(self, kind: str, content: dict[str, Any]) -> None:
        """Passes a cell's output on to the log and takes displayed metrics out of it."""
        if kind == "stream":
            stream = sys.stderr if content.get("name") == "stderr" else sys.stdout
            stream.write(content.get("text", ""))
            stream.flush()
        elif kind == "error":
            text = "\n".join(content.get("traceback", []))
            print(_colour.sub("", text), file=sys.stderr, flush=True)
        elif kind in ("display_data", "execute_result", "update_display_data"):
            data = content.get("data", {})
            shown = data.get(METRICS_MIME)
            if isinstance(shown, dict):
                self.metrics.update(finite_numbers(shown))
            if "text/plain" in data:
                say(str(data["text/plain"]))


def main(argv: list[str]) -> int:
    """Runs the task and returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="notebook", allow_abbrev=False)
    for name in ("executor_input", "notebook-path", "report-path", "metrics-path"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--payload", action="append", required=True)
    options = parser.parse_args(argv)
    try:
        task = Task(options)
        try:
            asyncio.run(task.run())
        finally:
            task.report()
            task.finish()
        say("All cells ran.")
        return 0
    except Failure as failure:
        message, code = failure.message, failure.code
    except ImportError as error:
        message = (
            "The notebook cannot run here: "
            + str(error)
            + ". Add the package to the image or to the requirements."
        )
        code = 1
    sys.stdout.flush()
    print(message, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
