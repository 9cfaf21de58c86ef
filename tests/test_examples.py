"""The examples in docstrings are true."""

import doctest

import pytest
from test_patterns import modules

FINDER = doctest.DocTestFinder(exclude_empty=True)
EXAMPLES = [example for module in modules() for example in FINDER.find(module) if example.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_true(example):
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_there_are_examples():
    assert len(EXAMPLES) > 30
