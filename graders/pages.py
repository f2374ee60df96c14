"""A notebook as one HTML page that needs no network: formulas become MathML, nothing is loaded."""

import copy
import re
from typing import Any

from graders.errors import GradersError
from graders.notebook import cell_source, to_nbformat

__all__ = ["markdown", "page"]

# Code comes first: a dollar sign in it is no formula.
_MATH = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>```+|~~~+).*?^ {0,3}(?P=fence)|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|\\\$"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|(?P<environment>\\begin\{(?P<name>align\*?|equation\*?|gather\*?)\}.+?\\end\{(?P=name)\})"
    r"|\$(?P<inline>(?!\s)[^$`]+?(?<![\s\\]))\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}<meta name="generator" content="{{ nb.metadata.generator }}" />{%- endblock -%}
"""


def page(notebook: dict[str, Any], title: str, generator: str = "backproplab") -> str:
    r"""Return a notebook as an HTML page.

    Parameters
    ----------
    notebook : dict
        A notebook with outputs; it is not changed.
    title : str
        The page's title.
    generator : str
        What the page says it was made by.

    Returns
    -------
    str
        The page. Formulas in text cells and in Markdown outputs are MathML.

    Raises
    ------
    GradersError
        If a formula cannot be rendered.
    """
    from jinja2 import DictLoader
    from nbconvert.exporters import HTMLExporter

    formulas: list[str] = []
    shown = copy.deepcopy(notebook)
    shown["metadata"] |= {"title": title, "generator": generator}
    for cell in shown["cells"]:
        cell["source"] = cell_source(cell)
        if cell["cell_type"] == "markdown":
            cell["source"] = _take_formulas(cell["source"], formulas, where=f"cell {cell['id']}")
        for output in cell.get("outputs", ()):
            _take_from_output(output, formulas, where=f"output of cell {cell['id']}")
    exporter_class: Any = HTMLExporter  # its constructor has no types
    exporter = exporter_class(
        template_name="lab",
        template_file="offline.html.j2",
        extra_loaders=[DictLoader({"offline.html.j2": _TEMPLATE})],
    )
    html, _ = exporter.from_notebook_node(to_nbformat(shown))
    return _put_formulas(html, formulas)


def markdown(text: str) -> str:
    r"""Return a Markdown text as HTML that loads nothing, with its formulas as MathML.

    Parameters
    ----------
    text : str
        Without HTML in it: pass what is not to be trusted through ``plain_text`` first. Links lead to web
        pages and mail addresses only, and of a picture there is what it shows in words.

    Raises
    ------
    GradersError
        If a formula cannot be rendered.

    Examples
    --------
    >>> markdown("[a](https://a.org) [b](javascript:b) ![c](https://a.org/c.png)")
    '<p><a href="https://a.org">a</a> <a>b</a> c</p>\n'
    """
    from nbconvert.filters import markdown2html

    formulas: list[str] = []
    plain = _take_formulas(text, formulas, where="a comment")
    render: Any = markdown2html  # it has no types
    shown = re.sub(r'<img\b[^>]*\balt="([^"]*)"[^>]*>', r"\1", render(plain))
    shown = re.sub(r' (?:href|src)="(?!https?:|mailto:)[^"]*"', "", shown)
    return _put_formulas(shown, formulas)


def _take_from_output(output: dict[str, Any], formulas: list[str], where: str) -> None:
    data = output.get("data", {})
    text = data.get("text/markdown")
    if text is not None:
        whole = text if isinstance(text, str) else "".join(text)
        data["text/markdown"] = _take_formulas(whole, formulas, where)


def _take_formulas(text: str, formulas: list[str], where: str) -> str:
    """Replace the formulas of a Markdown text by tokens that Markdown leaves alone."""

    def token(match: re.Match[str]) -> str:
        display = match["display"] or match["environment"]
        formula = display or match["inline"]
        if formula is None:
            return match[0]
        formulas.append(_mathml(formula, where, block=bool(display)))
        return _token(len(formulas) - 1)

    return _MATH.sub(token, text)


def _token(number: int) -> str:
    return f"formula{number:05d}elumrof"


def _mathml(formula: str, where: str, *, block: bool) -> str:
    from latex2mathml.converter import convert

    try:
        mathml = convert(formula.strip(), display="block" if block else "inline")
    except Exception as error:  # the converter has no common exception of its own
        raise GradersError(f"{where}: cannot render the formula {formula.strip()!r}") from error
    # It passes on what it does not know as an identifier.
    if "<mi>\\" in mathml or "<mi>&</mi>" in mathml:
        raise GradersError(f"{where}: cannot render all of the formula {formula.strip()!r}")
    return mathml.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


def _put_formulas(html: str, formulas: list[str]) -> str:
    """Put the formulas in place of their tokens, except inside a tag, where an anchor may hold one."""
    pattern = re.compile(r"<[^>]*>|formula(\d{5})elumrof")
    return pattern.sub(lambda match: formulas[int(match[1])] if match[1] else match[0], html)
