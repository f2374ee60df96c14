"""The folder of the gallery: what is written, renewed, kept."""

import pytest

from backproplab import explorers
from backproplab.explorers import standalone
from graders.cli import main
from graders.errors import GradersError
from graders.gallery import gallery


@pytest.fixture
def one_explorer(monkeypatch):
    monkeypatch.setattr(explorers, "__all__", ["NeuronBench"])


def test_pages_are_renewed_and_other_files_are_kept(one_explorer, tmp_path):
    pages = gallery(tmp_path / "new")
    assert [page.name for page in pages] == ["index.html", "neuron_bench.html"]
    pages[1].write_text(pages[1].read_text(encoding="utf-8").replace("canvas", "old"), encoding="utf-8")
    gallery(tmp_path / "new")
    assert "canvas" in pages[1].read_text(encoding="utf-8")
    pages[0].write_text("mine", encoding="utf-8")
    with pytest.raises(GradersError, match=r"kept .*index\.html: it is not of a gallery"):
        gallery(tmp_path / "new")
    assert pages[0].read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_named_without_a_traceback(one_explorer, tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["gallery", "--to", str(tmp_path / "file")]) == 1
    assert "Traceback" not in (said := capsys.readouterr().err)
    assert str(tmp_path / "file") in said


def test_no_page_loads_anything_or_is_larger_than_it_may_be(tmp_path):
    for page in gallery(tmp_path):
        text = page.read_text(encoding="utf-8")
        assert len(text.encode()) <= standalone.LARGEST
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
        assert "src=" not in text.replace('src="data:', "").replace('src=\\"data:', "")


def test_a_page_starts_at_the_grid_s_setting_nearest_to_the_explorer_s_start():
    from backproplab.explorers.standalone import _beforehand

    start = explorers.UCurve().settings()
    knobs = _beforehand(explorers.UCurve(), None)["knobs"]
    assert knobs == {name: start[name] for name in explorers.UCurve.grid}


def test_a_grid_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(standalone, "LARGEST", 1000)
    with pytest.raises(ValueError, match=r"NeuronBench: a page of .* bytes; take a smaller grid"):
        standalone.explorer_page(explorers.NeuronBench)
