"""Workflows run by act, a stand-in for GitHub's runner: the examples as they are, and jobs that use a checkout.

Where act differs from GitHub's runner (act 0.2.87, its source and what was tried):

- A plain number keeps its text. GitHub's runner reads one of 16 digits or more as a float: what the README warns of
  can't be shown here.
- A post step gets neither the state that the main step saved nor the inputs' defaults. So it can be seen to start and
  to do nothing here; what it does is shown by tests/e2e, where the runner's part is played by the tests.
- `environment`, `permissions` and `concurrency` are not enforced, and nobody is asked for an approval.
- `actions/checkout` is replaced by a copy of the folder, and there is one set of variables for all environments.
- Annotations and summaries are printed, not limited in number or size.
"""
