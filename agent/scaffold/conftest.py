"""Steps and fixtures of your own for the scenarios in this folder.

A fixture named in a scenario's `use:` is set up before the browser opens, for example to reset the database. A step
that fits the pattern of a `magenta_step` calls that function instead of the agent:

    from magenta_qa.agent import magenta_step

    @magenta_step("the user {name} exists")
    def user_exists(name, database):
        database.add_user(name)
"""
