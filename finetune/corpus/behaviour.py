"""The page's own script: what happens when its controls are used, and the state that trajectories are verified by.

A control's `does` is one word with an argument:

    remove            its row, card or item goes
    toggle            it is on or off
    say:TEXT          a message appears
    open:ID, close:ID a group of the page is shown, hidden
    count:ID:+1       the number in a group changes
    nav:PATH          the address and the page's heading change
    pick              of a set (tabs, pages, choices): this one is on, the others are off

Without one, a link changes the address, a tab becomes the current one, and a button says something. Elements are addressed
by their place in the document as it was loaded (`window.__elements`), so that no attribute is needed. `window.__state`
holds what was done, in order, as `[place, what, value]`.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from magenta_qa.finetune.corpus.element import Element

if TYPE_CHECKING:
    from magenta_qa.finetune.corpus.render import Place

_RUNTIME = """
const E=[...document.body.getElementsByTagName('*')],done=[];
Object.defineProperty(window,'__state',{value:done});Object.defineProperty(window,'__elements',{value:E});
const rowOf=e=>{for(let n=e.parentElement;n&&n!==document.body;n=n.parentElement)if(ROWS.has(n))return n;return e};
const say=t=>{const m=document.createElement('div');m.setAttribute('role','status');m.textContent=t;
m.style.cssText='position:fixed;right:16px;bottom:16px;padding:10px 16px;background:#222;color:#fff;border-radius:6px;z-index:999';
document.body.append(m)};
const ROWS=new Set(rows.map(i=>E[i]));
const act={remove:e=>rowOf(e).remove(),say:(e,t)=>say(t),open:(e,i)=>{E[i].style.display=''},close:(e,i)=>{E[i].style.display='none'},
toggle:e=>{const a=e.getAttribute('role')==='switch'?'aria-checked':'aria-pressed',on=e.getAttribute(a)!=='true';
e.setAttribute(a,on);e.style.outline=on?'2px solid':''},
nav:(e,p)=>{history.pushState(0,'',p)},pick:e=>{e.setAttribute('aria-current','true')},count:(e,i)=>{E[i].textContent=+E[i].textContent+1}};
for(const[i,what,arg]of acts)E[i].addEventListener('click',v=>{v.preventDefault();done.push([i,what,arg]);act[what]&&act[what](E[i],arg)});
for(const i of fields){const e=E[i];e.addEventListener('change',()=>done.push([i,e.type==='checkbox'||e.type==='radio'?'check':'value',
e.type==='checkbox'||e.type==='radio'?e.checked:e.value]))}
for(const f of document.forms)f.addEventListener('submit',v=>v.preventDefault());
"""
_FIELDS = frozenset({"field", "area", "select", "checkbox", "radio", "slider"})


def script(places: Sequence["Place"], body: Element, groups: dict[str, Element]) -> str:
    """The script of one page."""
    index = {id(element): at for at, element in enumerate(body.walk()) if isinstance(element, Element)}
    acts: list[list[object]] = []
    for place in places:
        if place.control.role in _FIELDS and not place.control.does:
            continue
        what, _, argument = (place.control.does or _default(place)).partition(":")
        target: object = argument
        if what in ("open", "close", "count"):
            target = index.get(id(groups.get(argument.split(":")[0])), 0)
        acts.append([place.index, what, target])
    fields = [place.index for place in places if place.control.role in _FIELDS and not place.control.does]
    rows = [index[id(element)] for name, element in groups.items() if name.startswith("row") and id(element) in index]
    facts = f"const acts={json.dumps(acts)},fields={fields},rows={rows};".replace("</", "<\\/")
    return f"(()=>{{{facts}{_RUNTIME}}})()"


def _default(place: "Place") -> str:
    control = place.control
    if control.role == "link":
        return f"nav:{control.href if control.href.startswith('/') else f'/at/{place.index}'}"
    return "pick" if control.role in ("tab", "cell") else f"say:{_NOTICES[place.index % len(_NOTICES)]}"


_NOTICES = ("Done", "Saved", "Updated", "OK", "Changes applied", "Finished", "1 change", "Ready")
