"""The corpus that the shipped model learns interfaces from, made by scripts: pages whose controls have a known meaning.

Not part of the wheel. Style sheets, icons and fonts come from npm when it is built (`fetch`); nothing of them is committed.

    World (names, goods, dates of a site)  ┐
    Style (framework, icons, theme, mess)  ├─ site.py ─▶ Made ─ photograph.py ─▶ Shot ─▶ rows, decisions, trajectories
    KINDS (what a page shows and can do)   ┘      (HTML, and beside it what each element means)

- `vocabulary` and `things` what sites talk about; `kinds/` pages as trees of texts, groups and controls (`page`), each control with a
  grammar of what it does; `frame` what stands around every page of a site; `labels` each site's own words.
- `styles`, `frameworks`, `own_style`, `icons`, `pictures`: how a site looks; `render` and `controls` turn a page into
  elements (`element`), tidy or messy; `behaviour` is the page's script. What a control means stands beside the page, as its
  place among all elements, never in it.
- `popups` gives controls something to open: menus, lists, calendars, dialogs, notices; `kinds/panels` parts of any page.
- `photograph` loads each page once: the screenshot (WebP), what `observe` sees, which candidate is which control;
  `views` looks at it again with things opened, switched and scrolled.
- `wording` makes descriptions and tester's steps of meanings; `rows` understanding rows in the dataset's form; `decisions`
  deciding prompts with histories, "none" and "done"; `trajectories` goals of several actions, played and verified.
- `real/` rows from pages of published packages and applications, described from what they tell their users.
- `messages` texts of interfaces with their explanations, rows of words without a picture.
- `build` shares chunks of sites out among processes and can be stopped and resumed; `sheet` draws contact sheets;
  `figures` counts how diverse it is. Sites, page kinds, frameworks and icon sets are held out whole (`site`, `HELD_OUT`).

$ python -m magenta_qa.finetune.corpus build --pages 600 --seed 1 --out build/corpus/v1
"""
