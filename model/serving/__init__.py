"""One endpoint for many clients: OpenAI's chat completions in front of the shipped model or of vLLM (extra `[serve]`).

    front.py      the HTTP side: key, bounds, queue, metrics, health; the same whatever answers behind it
    asked.py      one request, checked
    gate.py       how many requests are inside, and the pause in which a model is swapped
    embedded.py   behind it: an exported model on the CPU, requests put together into bursts
    vllm.py       behind it: a vLLM process, watched, restarted, its adapter or model swapped
    profile.py    vLLM's command for a card

`magenta serve` (finetune/serve_command.py) puts them together.
"""
