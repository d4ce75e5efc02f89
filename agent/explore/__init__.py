"""`magenta explore`: acts on an application without a script and reports what contradicts itself.

Tester ─ chooses by novelty and by what the understanding back end says ─▶ Session ─ acts ─▶ Before, After
    ─ oracles ─▶ Suspicion ─ written as a scenario, replayed ─▶ Finding ─▶ report, JSON, baseline
"""
