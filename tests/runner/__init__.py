"""Workflow files run by act, which replaces GitHub's runner: the unchanged examples, and jobs that use a checkout.

Differences between act and GitHub's runner (act 0.2.87, by its source and by trying):

- A plain number keeps its text. GitHub's runner reads a number of 16 digits or more as a float. So the problem that
  the README warns of can't be shown here.
- A post step gets neither the state that the main step saved nor the defaults of the inputs. So here it only starts
  and does nothing. tests/e2e shows what it does, because there the tests play the runner.
- `environment`, `permissions` and `concurrency` are not enforced, and nobody is asked for an approval.
- `actions/checkout` is replaced by a copy of the folder, and there is one set of variables for all environments.
- Annotations and summaries are printed, not limited in number or size.
"""
