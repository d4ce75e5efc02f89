"""The page's own script: what happens when its controls are used, and the state that trajectories are verified by.

A control's `does` is one word with an argument:

    remove            its row, card or item goes
    toggle            it is on or off
    say:TEXT          a message appears
    open:ID, close:ID a group of the page is shown, hidden
    count:ID:+1       the number in a group changes
    nav:PATH          the address and the page's heading change
    choose:TEXT       of an open list: what has opened it shows the text
    fold:ID           a group of the page is folded and unfolded
    stay              nothing, and what is open stays open
    pick              of a set (tabs, pages, choices): this one is on, the others are off

Without one, a link changes the address, a tab becomes the current one, and a button says something. Elements are addressed
by their place in the document as it was loaded (`window.__elements`), so that no attribute is needed. `window.__state`
holds what was done, in order, as `[place, what, value]`. Whoever photographs the page brings it into other states by
`__show` (what a control opens), `__hide` and `__flip` (what is on and off), none of which is noted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from magenta_qa.finetune.corpus.element import Element

if TYPE_CHECKING:
    from magenta_qa.finetune.corpus.page import Control
    from magenta_qa.finetune.corpus.render import Place

_RUNTIME = """
const B=document.body,E=[...B.getElementsByTagName('*')],done=[],ON=new Set(ons),POP=new Map(pops);
const give=(k,v)=>Object.defineProperty(window,k,{value:v});give('__state',done);give('__elements',E);
const ROWS=new Set(rows.map(i=>E[i]));
const rowOf=e=>{for(let n=e.parentElement;n&&n!==B;n=n.parentElement)if(ROWS.has(n))return n;return e};
const say=t=>{const m=document.createElement('div');m.setAttribute('role','status');m.textContent=t;
m.style.cssText='position:fixed;right:16px;bottom:16px;padding:10px 16px;background:#222;color:#fff;border-radius:6px;z-index:999';
B.append(m)};
const popOf=e=>pops.find(p=>E[p[1]].contains(e));
const hide=()=>pops.forEach(p=>{E[p[1]].style.display='none'});
const show=(e,p)=>{hide();const z=+getComputedStyle(document.documentElement).zoom||1,b=e.getBoundingClientRect();
p.style.display='block';if(p.style.position!=='absolute')return;const q=p.getBoundingClientRect();
const x=Math.max(4,Math.min(b.left,innerWidth-q.width-8)),y=b.bottom+q.height+4<innerHeight?b.bottom+4:Math.max(4,b.top-q.height-4);
p.style.left=(x+scrollX)/z+'px';p.style.top=(y+scrollY)/z+'px'};
const turn=(i,e)=>{const on=!ON.has(i),a=e.getAttribute('role')==='switch'?'aria-checked':'aria-pressed';on?ON.add(i):ON.delete(i);
e.setAttribute(a,on);const k=e.firstElementChild,back=getComputedStyle(e).backgroundColor;onClass&&e.classList.toggle(onClass,on);
if(e.style.borderRadius==='10px'&&k){e.style.background=on?brand:'rgba(128,128,128,.5)';k.style.cssFloat=on?'right':'left'}
else if(getComputedStyle(e).backgroundColor===back)e.style.boxShadow=on?'inset 0 0 0 2px currentColor':''};
const act={remove:e=>rowOf(e).remove(),say:(e,t)=>say(t),open:(e,i)=>{E[i].style.display=''},close:(e,i)=>{E[i].style.display='none'},
toggle:(e,t,i)=>turn(i,e),fold:(e,j,i)=>{const f=E[j].style.display!=='none';E[j].style.display=f?'none':'';ON.delete(i);e.setAttribute('aria-expanded',!f)},
choose:(e,t)=>{const p=popOf(e),o=p&&E[p[0]];if(o){o.tagName==='INPUT'?o.value=t:o.firstChild&&o.firstChild.nodeType===3&&(o.firstChild.data=t)}},
nav:(e,p)=>{history.pushState(0,'',p)},pick:e=>{e.setAttribute('aria-current','true')},count:(e,i)=>{E[i].textContent=+E[i].textContent+1}};
const perform=(i,what,arg)=>{const e=E[i],p=popOf(e);act[what]&&act[what](e,arg,i);if(p&&what!=='stay'&&what!=='toggle')hide();
if(POP.has(i))show(e,E[POP.get(i)])};
for(const[i,what,arg]of acts)E[i].onclick=()=>{done.push([i,what,arg]);perform(i,what,arg);return/^(checkbox|radio)$/.test(E[i].type)};
const note=(i,what,v)=>{const l=done[done.length-1];l&&l[0]===i&&what==='value'?l[2]=v:done.push([i,what,v])};
for(const i of fields){const e=E[i],box=/^(checkbox|radio)$/.test(e.type);
e.addEventListener(box?'change':'input',()=>{note(i,box?'check':'value',box?e.checked:e.value);popOf(e)||hide()});
if(POP.has(i))e.addEventListener('focus',()=>show(e,E[POP.get(i)]))}
for(const f of document.forms)f.addEventListener('submit',v=>v.preventDefault());
give('__show',i=>{const e=E[i],b=e.getBoundingClientRect();if(!e.isConnected||e.ownerDocument!==document||!b.width||b.top<0||b.bottom>innerHeight||b.right>innerWidth)return false;
const a=acts.find(a=>a[0]===i);perform(i,...(a?a.slice(1):['popup']));return true});
give('__hide',hide);give('__flip',is=>is.forEach(i=>{const e=E[i];if(e.type==='checkbox')e.checked=!e.checked;else turn(i,e)}));
for(const[i,how]of homes){const e=E[i],h=document.createElement(how==='root'?'div':'iframe'),css=document.querySelector('style').textContent;
const w=e.getBoundingClientRect(),b=getComputedStyle(e).display;e.replaceWith(h);if(how==='root'){const r=h.attachShadow({mode:'open'}),s=document.createElement('style');
s.textContent=css;r.append(s,e)}else{h.style.cssText='border:0;width:100%';h.height=Math.ceil(w.height)+24;const d=h.contentDocument;
for(const a of document.documentElement.attributes)d.documentElement.setAttribute(a.name,a.value);
const s=d.createElement('style');s.textContent=css;d.head.append(s);d.body.append(e)}}
"""


@dataclass(slots=True)
class Parts:
    """Elements of a page that its script needs to know."""

    groups: dict[str, Element] = field(default_factory=dict)
    """By their ids."""
    popups: "list[tuple[Control, Element]]" = field(default_factory=list)
    """What each control opens."""
    homes: list[tuple[Element, Literal["root", "frame"]]] = field(default_factory=list)
    """What is moved into a shadow root or an inline frame once the page is loaded."""
    on_class: str = ""
    brand: str = ""


_FIELDS = frozenset({"field", "area", "select", "checkbox", "radio", "slider"})


def script(places: Sequence["Place"], body: Element, parts: "Parts") -> str:
    """The script of one page.

    Args:
        places: Of its controls.
        body: The page.
        parts: Elements of it that the script needs to know.
    """
    index = {id(element): at for at, element in enumerate(body.walk()) if isinstance(element, Element)}
    groups = parts.groups
    acts: list[list[object]] = []
    for place in places:
        if place.control.role in _FIELDS and not place.control.does:
            continue
        what, _, argument = (place.control.does or _default(place)).partition(":")
        target: object = argument
        if what in ("open", "close", "count", "fold"):
            target = index.get(id(groups.get(argument.split(":")[0])), 0)
        acts.append([place.index, what, target])
    opened = {id(control): index[id(element)] for control, element in parts.popups}
    facts = {
        "acts": acts,
        "fields": [place.index for place in places if place.control.role in _FIELDS and not place.control.does],
        "rows": [index[id(made)] for name, made in groups.items() if name.startswith("row") and id(made) in index],
        "ons": [place.index for place in places if place.control.on],
        "pops": [[place.index, opened[id(place.control)]] for place in places if id(place.control) in opened],
        "homes": [[index[id(made)], how] for made, how in parts.homes if id(made) in index],
        "onClass": parts.on_class.split(" ")[0],
        "brand": parts.brand,
    }
    consts = ",".join(f"{name}={json.dumps(value)}" for name, value in facts.items()).replace("</", "<\\/")
    return f"(()=>{{const {consts};{_RUNTIME}}})()"


def _default(place: "Place") -> str:
    control = place.control
    if control.popup:
        return "popup"
    if control.role == "link":
        return f"nav:{control.href if control.href.startswith('/') else f'/at/{place.index}'}"
    return "pick" if control.role in ("tab", "cell") else f"say:{_NOTICES[place.index % len(_NOTICES)]}"


_NOTICES = ("Done", "Saved", "Updated", "OK", "Changes applied", "Finished", "1 change", "Ready")
