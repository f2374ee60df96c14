# A thin front of .ci/set_up.py, which makes .venv on first use. Without make, and on Windows:
#     py -3 .ci/set_up.py lab
# Arguments go through ARGS, for example: make test ARGS="-k neuron_delta"
PYTHON ?= python3
COMMANDS := ready lab test proof bench lint lock clean

.PHONY: help $(COMMANDS)
help:
	@$(PYTHON) .ci/set_up.py --help

$(COMMANDS):
	@$(PYTHON) .ci/set_up.py $@ $(ARGS)
