"""How long four designs take to draw, and what drawing them in one batch saves.

The reference of the same run draws the same four jobs one by one. Both must give the same pictures.

    python benchmarks/bench_render.py [--domain D] [--rounds N] [--json]
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

from vitrine.agent.wiring import backend_models
from vitrine.core import places
from vitrine.core.domain import load_pack
from vitrine.core.ports import Pixels, RenderDials, RenderJob
from vitrine.core.prompts import write_prompt
from vitrine.core.settings import Settings

JOBS = 4


def jobs_of(domain: str, settings: Settings) -> list[RenderJob]:
    """Four jobs with words and embeddings from the pack's own values."""
    pack = load_pack(places.domain_folder(domain))
    encoder = backend_models(settings).encoder()
    tints = next(f for f in pack.facets if any(v.rgb for v in f.values))
    prompts = [
        write_prompt(pack, {pack.head.name: head.name, tints.name: tint.name})
        for head, tint in zip(pack.head.values[:JOBS], tints.values[:JOBS], strict=False)
    ]
    rows = encoder.encode_text(prompts)
    return [
        RenderJob(p, row, seed) for seed, (p, row) in enumerate(zip(prompts, rows, strict=True))
    ]


def median_ms(work: Callable[[], list[Pixels]], rounds: int) -> tuple[float, list[Pixels]]:
    """Median milliseconds of the warm work, and what it made."""
    made = work()
    took: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        made = work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), made


def measure(domain: str, rounds: int) -> dict[str, float]:
    settings = Settings(domain=domain)
    dials = RenderDials(
        settings.design.steps, settings.design.guidance, settings.design.adapter_scale
    )
    jobs = jobs_of(domain, settings)
    renderer = backend_models(settings).renderer()

    def draw(batch: list[RenderJob]) -> list[Pixels]:
        return renderer.render(batch, dials, lambda *_: None, lambda: False)

    together, batch = median_ms(lambda: draw(jobs), rounds)
    apart, single = median_ms(lambda: [draw([job])[0] for job in jobs], rounds)
    gap = max(
        int(np.abs(a.astype(int) - b.astype(int)).max()) for a, b in zip(batch, single, strict=True)
    )
    return {
        "four_in_one_batch_p50_ms": round(together, 1),
        "one_by_one_p50_ms": round(apart, 1),
        "ratio": round(apart / together, 2),
        "largest_pixel_difference": gap,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", default="atelier")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(args.domain, args.rounds)
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>26}  {value}")


if __name__ == "__main__":
    main()
