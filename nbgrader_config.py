"""Make this repository an nbgrader course: ``nbgrader generate_assignment 01_one_neuron`` works in it."""

from pathlib import Path

from graders.nbgrader_bridge import configure

c = get_config()  # noqa: F821 - nbgrader defines it
configure(c)

here = Path(__file__).resolve().parent
# nbgrader does not make the folder of its database.
(here / "build" / "course").mkdir(parents=True, exist_ok=True)

c.CourseDirectory.course_id = "backproplab"
c.CourseDirectory.root = str(here)
c.CourseDirectory.source_directory = "lessons"
c.CourseDirectory.release_directory = "build/course/release"
c.CourseDirectory.submitted_directory = "build/course/submitted"
c.CourseDirectory.autograded_directory = "build/course/autograded"
c.CourseDirectory.feedback_directory = "build/course/feedback"
c.CourseDirectory.db_url = f"sqlite:///{here / 'build' / 'course' / 'gradebook.db'}"
c.Application.log_level = "WARN"
