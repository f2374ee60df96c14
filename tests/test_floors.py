"""An import goes down the floors, never up: who may know whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Module or folder -> floor. A new module gets its line here: which floor does it stand on?
FLOORS = {
    "backproplab.__init__": 0,
    "backproplab.errors": 0,
    "backproplab.activations": 1,
    "backproplab.data": 1,
    "backproplab.deadline": 1,
    "backproplab.gradcheck": 1,
    "backproplab.gradient_report": 1,
    "backproplab.initializers": 1,
    "backproplab.losses": 1,
    "backproplab.matrix_products": 1,
    "backproplab.optimizers": 1,
    "backproplab.scalar": 1,
    "backproplab.tape": 1,
    "backproplab.checks": 2,
    "backproplab.layers": 2,
    "backproplab.trace": 2,
    "backproplab.network": 3,
    "backproplab.paths": 3,
    "backproplab.costs": 1,
    "backproplab.dose_network": 4,
    "backproplab.flow": 4,
    "backproplab.jacobians": 4,
    "backproplab.logit_forces": 4,
    "backproplab.neuron": 4,
    "backproplab.recorded_run": 4,
    "backproplab.slope_chain": 4,
    "backproplab.step_errors": 4,
    "backproplab.tower": 4,
    "backproplab.training": 4,
    "backproplab.figures": 5,
    "backproplab.explorers": 6,
    "graders.__init__": 0,
    "graders.errors": 7,
    "graders.exercise": 7,
    "graders.levels": 7,
    "graders.answers": 8,
    "graders.bank": 8,
    "graders.carried": 8,
    "graders.chance": 8,
    "graders.contributions": 8,
    "graders.curves": 8,
    "graders.diagnosis": 8,
    "graders.entries": 8,
    "graders.evidence": 8,
    "graders.exercises": 8,
    "graders.facts": 8,
    "graders.faults": 8,
    "graders.gradient_facts": 8,
    "graders.gradient_forms": 8,
    "graders.gradient_words": 8,
    "graders.judge": 8,
    "graders.matching": 8,
    "graders.likeness": 8,
    "graders.messages": 8,
    "graders.plainly": 8,
    "graders.points": 8,
    "graders.networks": 8,
    "graders.nudging": 8,
    "graders.own_loss": 8,
    "graders.own_network": 8,
    "graders.pairing": 8,
    "graders.probes": 8,
    "graders.scales": 8,
    "graders.showing": 8,
    "graders.training_runs": 8,
    "graders.worked": 8,
    "graders.defined": 9,
    "graders.display": 9,
    "graders.earned": 9,
    "graders.kernel": 9,
    "graders.leaks": 9,
    "graders.lessons": 9,
    "graders.notebook": 9,
    "graders.backups": 9,
    "graders.durable": 9,
    "graders.merging": 9,
    "graders.placed": 9,
    "graders.own_gradients": 9,
    "graders.pages": 9,
    "graders.record": 9,
    "graders.release": 9,
    "graders.sandbox": 9,
    "graders.shown_table": 9,
    "graders.watching": 9,
    "graders.sandbox.lent": 8,
    "graders.assignments": 10,
    "graders.autograded": 10,
    "graders.choice": 10,
    "graders.class_marks": 10,
    "graders.class_view": 10,
    "graders.class_run": 10,
    "graders.counting": 10,
    "graders.course": 10,
    "graders.dask_crew": 10,
    "graders.doctor": 10,
    "graders.entering": 10,
    "graders.exports": 10,
    "graders.feedback": 10,
    "graders.field_guide": 10,
    "graders.folders": 10,
    "graders.gradebook": 10,
    "graders.gradescope": 10,
    "graders.gradescope_run": 10,
    "graders.handed_in": 10,
    "graders.demo": 10,
    "graders.gallery": 10,
    "graders.index": 10,
    "graders.lab": 10,
    "graders.prompt_socket": 7,
    "graders.late_days": 10,
    "graders.ledger": 10,
    "graders.lesson_parts": 10,
    "graders.lms_rosters": 10,
    "graders.local_crew": 10,
    "graders.moves": 10,
    "graders.remarks": 10,
    "graders.nbgrader_bridge": 10,
    "graders.near_in_roster": 10,
    "graders.own_pages": 10,
    "graders.own_wheel": 10,
    "graders.pool": 10,
    "graders.progress_bar": 10,
    "graders.readiness": 10,
    "graders.registration": 10,
    "graders.report_page": 10,
    "graders.report_plots": 10,
    "graders.report_text": 10,
    "graders.report_words": 10,
    "graders.reports": 10,
    "graders.results": 10,
    "graders.rows": 10,
    "graders.settings": 10,
    "graders.runner": 10,
    "graders.similar": 10,
    "graders.solutions": 10,
    "graders.standing": 10,
    "graders.student_page": 10,
    "graders.proving": 10,
    "graders.student_folder": 10,
    "graders.student_zip": 10,
    "graders.unchecked": 10,
    "graders.unread": 10,
    "graders.updating": 10,
    "graders.submission": 10,
    "graders.submitted": 10,
    "graders.trials": 10,
    "graders.which_notebook": 10,
    "graders.written_files": 10,
    "graders.zips": 10,
    "graders.cli": 11,
    "graders.command": 11,
    "graders.course_commands": 11,
    "graders.grading_commands": 11,
    "graders.release_commands": 11,
}
# The first floor on which a heavy package may be imported; only the bridge may import nbgrader.
HEAVY = {"matplotlib": 5, "anywidget": 6, "ipywidgets": 6, "traitlets": 6, "nbformat": 9, "nbclient": 10}
MODULES = sorted((*ROOT.glob("backproplab/**/*.py"), *ROOT.glob("graders/**/*.py")))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def floor(name: str) -> int:
    parts = name.split(".")
    for end in range(len(parts), 1, -1):
        if ".".join(parts[:end]) in FLOORS:
            return FLOORS[".".join(parts[:end])]
    if name in ("backproplab", "graders"):
        return 0
    raise AssertionError(f"{name} stands on no floor: add it to FLOORS in tests/test_floors.py")


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            below = node.module in ("backproplab", "graders", "graders.bank")
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if below else {node.module}
    return names


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_down_the_floors(path: Path) -> None:
    own = dotted(path)
    for name in imports(path):
        if name.split(".")[0] in ("backproplab", "graders") and own.split(".")[:2] != name.split(".")[:2]:
            assert floor(own) == 0 or floor(name) <= floor(own), (
                f"{own} (floor {floor(own)}) imports {name} (floor {floor(name)}): "
                "pass the thing in as an argument, or move it down"
            )


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_backproplab_knows_nothing_of_grading(path: Path) -> None:
    if dotted(path).startswith("backproplab"):
        upward = [name for name in imports(path) if name.startswith("graders")]
        assert not upward, f"{dotted(path)} imports {upward}: pass it in as an argument"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_heavy_packages_stay_on_their_floors(path: Path) -> None:
    own = dotted(path)
    for package in {name.split(".")[0] for name in imports(path)}:
        if package == "nbgrader":
            assert own == "graders.nbgrader_bridge", f"{own} imports nbgrader: only the bridge may"
        assert floor(own) >= HEAVY.get(package, 0), f"{own} imports {package}: below floor {HEAVY[package]}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {dotted(p).removesuffix(".__init__"): top_level_imports(p) for p in MODULES}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' -> '.join((*trail, name))}: move the shared part down a floor"
        for below in graph.get(name, ()):
            visit(below, (*trail, name))

    for name in graph:
        visit(name, ())


def top_level_imports(path: Path) -> set[str]:
    """What is imported when the module itself is imported."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
