"""Chains of scenarios (`after:`): what is brought in, in which order, on which worker, with which browser state."""

import pytest
from scripted import EVERY, run, scenario, verdicts, write

pytest_plugins = ["pytester", "scripted"]

CHAIN = {
    "c_login": scenario("look", name="Login"),
    "b_cart": "name: Cart\nafter: c_login.scenario.yaml\nexpect: x",
    "a_order": "name: Order\nafter: b_cart.scenario.yaml\nurl: http://shop.example/orders\nexpect: x",
}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-kOrder",),
        ("a_order.scenario.yaml",),
        ("-n2",),
        pytest.param(("-n2", "--dist=loadfile"), marks=pytest.mark.slow),
        pytest.param(("-n2", "-kOrder"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_chain_runs_in_order_wherever_it_is_entered(project, options):
    write(project, **CHAIN, other=EVERY["passed"], another=scenario("look", name="Another"))
    result = run(project, "-v", *options)
    assert result.ret == 0
    lines = [
        line for line in result.outlines if "PASSED" in line and any(n in line for n in ("Login", "Cart", "Order"))
    ]
    assert [next(n for n in ("Login", "Cart", "Order") if n in line) for line in lines] == ["Login", "Cart", "Order"]
    workers = {line.split("]")[0] for line in lines if line.startswith("[gw")}
    assert len(workers) <= 1


def test_chain_resumes_state_and_place(project):
    write(project, **CHAIN)
    result = run(project, "-s")
    result.stdout.fnmatch_lines(
        [
            "*CONTEXT None",
            "*CONTEXT {'storage_state': {'cookies': ?'of this process'?}}",
            '*SESSION STORAGE })(?"http://shop.example", {"step": "2"}?)',
            "*URL http://shop.example/where-it-ended*",
            "*CONTEXT {'storage_state': *",
            "*URL http://shop.example/orders*",
        ]
    )


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "xdist"])
def test_what_comes_after_a_scenario_that_did_not_pass_is_skipped(project, workers):
    write(project, **CHAIN)
    write(project, c_login=scenario("verdict stale a cause", name="Login"))
    result = run(project, "-rs", *workers)
    assert result.ret == 10
    result.assert_outcomes(failed=1, skipped=2)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED * c_login.scenario.yaml, which it comes after, did not pass (stale)",
            "SKIPPED * b_cart.scenario.yaml, which it comes after, was not run",
        ]
    )
    assert verdicts(project) == {"Login": "stale"}


def test_last_failed_brings_in_what_comes_before(project):
    write(project, **CHAIN)
    write(project, a_order="name: Order\nafter: b_cart.scenario.yaml\nsteps: [verdict failed x]\nexpect: x")
    run(project)
    result = run(project, "--lf", "-v")
    result.assert_outcomes(passed=2, failed=1)


@pytest.mark.slow
def test_chain_whose_worker_dies_ends(project):
    write(project, **CHAIN, other=EVERY["passed"])
    write(project, c_login=scenario("die", name="Login"))
    result = run(project, "-n2")
    assert result.ret == 12
    result.assert_outcomes(passed=1, errors=1, skipped=2)
