"""Figures of drawn pictures: ranking, intervals, what is drawn twice, and a page that needs nothing else."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from vitrine.core.ports import Floats, Interest, RenderDials, RenderJob, TasteEvidence, UserFeatures
from vitrine.evals.generation.charts import against, along, side_by_side
from vitrine.evals.generation.drawing import Drawer, job_key
from vitrine.evals.generation.grids import keep_grid
from vitrine.evals.generation.looking import Eye, Looked, Looker
from vitrine.evals.generation.markdown_page import write_results
from vitrine.evals.generation.measures import MEASURES, split_name, title_of
from vitrine.evals.generation.page import names_of, page
from vitrine.evals.generation.people import rank_own
from vitrine.evals.generation.report import (
    Figure,
    Lift,
    Report,
    Row,
    Section,
    Setup,
    alone,
    over_people,
    over_seeds,
)
from vitrine.evals.personal.progress import Progress
from vitrine.evals.personal.proof import permutation_test
from vitrine.models.fakes import FakeRenderer
from vitrine.models.judge.model import Judge
from vitrine.models.metrics import auc, average_precision

# --- ranking and intervals ------------------------------------------------------------------------


def test_own_pictures_are_ranked_as_the_metrics_rank_groups() -> None:
    values = np.random.default_rng(0).standard_normal((5, 5, 2, 3))
    found = rank_own(values)
    for user in range(5):
        for request in range(2):
            for seed in range(3):
                mine = np.arange(5) == user
                scores = values[user, :, request, seed]
                at = (user, request, seed)
                assert found["gauc"][at] == pytest.approx(auc(scores, mine))
                assert found["map"][at] == pytest.approx(average_precision(scores, mine))


def test_pictures_that_know_nobody_rank_by_chance() -> None:
    found = rank_own(np.ones((4, 4, 1, 1)))
    assert found["gauc"] == pytest.approx(0.5)
    assert found["map"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    pair = rank_own(np.random.default_rng(1).standard_normal((2, 2, 7, 3)))
    assert pair["map"] == pytest.approx((1 + pair["gauc"]) / 2)  # on pairs, exactly


def test_pictures_are_dealt_out_within_their_words() -> None:
    """What people think of the words themselves is no noise of the test."""
    users, requests, seeds = 6, 2, 4
    rng = np.random.default_rng(0)
    blocks = np.tile(np.repeat(np.arange(requests), seeds), users)
    wanted = blocks[None] == np.arange(users)[:, None] % requests  # everybody has favourite words
    flat = 5.0 * wanted + 0.1 * rng.standard_normal((users, blocks.size))
    apart = permutation_test(flat, permutations=199, blocks=blocks)
    mixed = permutation_test(flat, permutations=199)
    assert apart.null.std() < 0.2 * mixed.null.std()
    owners = np.repeat(np.arange(users), requests * seeds)
    mine = flat + (owners[None] == np.arange(users)[:, None])
    assert permutation_test(mine, permutations=199, blocks=blocks).p == pytest.approx(1 / 200)
    with pytest.raises(ValueError, match="equally many"):
        permutation_test(flat, permutations=9, blocks=np.arange(blocks.size) % 7)


def test_intervals_are_of_seeds_or_of_people() -> None:
    figure = over_seeds([1.0, 2.0, 3.0])
    assert figure.mean == 2.0 and figure.by_seed == (1.0, 2.0, 3.0)
    assert figure.high - figure.mean == pytest.approx(4.303 / np.sqrt(3), abs=1e-4)
    assert over_seeds([1.0]).low == over_seeds([1.0]).high == 1.0
    people = np.array([[0.0, 1.0], [0.2, 1.2]])  # (seeds, people)
    found = over_people(people)
    assert found.mean == pytest.approx(0.6) and found.by_seed == (0.5, 0.7)
    assert found.low == pytest.approx(0.1) and found.high == pytest.approx(1.1)


# --- drawing --------------------------------------------------------------------------------------


class Counting:
    """Counts what the renderer is really asked for."""

    space = "fake"

    def __init__(self) -> None:
        self.inner, self.count = FakeRenderer(size=16), 0

    def render(self, jobs, dials, on_step, stopped):  # type: ignore[no-untyped-def]
        self.count += len(jobs)
        made = self.inner.render(jobs, dials, on_step, stopped)
        # Channels lie outermost in memory, as in what a pipeline gives.
        return [np.ascontiguousarray(one.transpose(2, 0, 1)).transpose(1, 2, 0) for one in made]


def drawer(renderer: Counting, folder: Path, **models: str) -> Drawer:
    return Drawer(renderer, folder, {"sd": "a", **models}, Progress("test", 1))  # type: ignore[arg-type]


def test_equal_jobs_are_drawn_once_and_kept(tmp_path: Path) -> None:
    renderer = Counting()
    jobs = [RenderJob("red", None, 1), RenderJob("blue", None, 1), RenderJob("red", None, 1)]
    dials = RenderDials(steps=2)
    first = drawer(renderer, tmp_path).draw(jobs, dials)
    assert renderer.count == 2
    assert np.array_equal(first[0], first[2]) and not np.array_equal(first[0], first[1])
    again = drawer(renderer, tmp_path, interest="new").draw(jobs, dials)
    assert renderer.count == 2 and all(map(np.array_equal, first, again))
    drawer(renderer, tmp_path, sd="b").draw(jobs, dials)
    assert renderer.count == 4
    personal = RenderDials(steps=2, personal="exact")
    drawer(renderer, tmp_path, perfusion="x").draw(jobs, personal)
    drawer(renderer, tmp_path, perfusion="y").draw(jobs, personal)
    assert renderer.count == 8
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:40])  # cut off
    assert all(map(np.array_equal, first, drawer(renderer, tmp_path).draw(jobs, dials)))


def test_a_job_is_known_by_all_that_it_holds() -> None:
    row = np.ones(3, np.float32)
    taste = TasteEvidence(row[None], row[None][:0])
    plain = RenderJob("red", row, 1)
    others = [
        RenderJob("red", row + 1, 1),
        RenderJob("red", row, 2),
        RenderJob("red", row, 1, negative="blue"),
        RenderJob("red", row, 1, interest=Interest(row, row[None], row[None])),
        RenderJob("red", row, 1, user=UserFeatures(taste)),
        RenderJob("red", row, 1, user=UserFeatures(taste, {("tone", "red"): 0.5})),
    ]
    assert len({job_key(job) for job in [plain, *others]}) == 7
    assert job_key(plain) == job_key(RenderJob("red", row.copy(), 1))


# --- looking --------------------------------------------------------------------------------------


def test_eyes_give_set_distances_under_their_name() -> None:
    judge = Judge({"tone": ("rust", "moss")}, size=32, widths=(4, 8)).eval()
    rng = np.random.default_rng(0)

    def look(pictures: Sequence[np.ndarray]) -> Floats:
        return np.stack([picture[0, 0].astype(np.float32) + 1 for picture in pictures])

    looker = Looker(
        judge, [Eye("judge", look), Eye("toy", look, lambda texts: np.ones((len(texts), 3)))], {}
    )
    seen: list[Looked] = [
        looker.look(list(rng.integers(low, high, (40, 8, 8, 3), np.uint8)))
        for low, high in ((0, 255), (0, 255), (200, 255))
    ]
    same, other = looker.against(seen[0], seen[1]), looker.against(seen[0], seen[2])
    assert set(same) == {"kid_judge", "kid_toy", "cmmd_toy", "c2st_judge"}
    assert abs(same["kid_toy"]) < other["kid_toy"] and same["cmmd_toy"] < other["cmmd_toy"]
    assert other["c2st_judge"] > 0.7 > same["c2st_judge"]
    assert looker.frechet(seen[0], seen[1])["fid_toy"] >= 0
    assert looker.frechet(seen[0].rows([0, 1]), seen[1]) == {}  # fewer pictures than dimensions
    assert looker.fits(seen[0], ["x"] * 40)["clip_score_toy"].shape == (40,)
    unpublished = looker.eyes[0].for_sets(seen[0].features["judge"])
    assert np.linalg.norm(unpublished, axis=1) == pytest.approx(np.sqrt(3), rel=1e-5)


def test_figures_are_called_by_measure_and_encoder() -> None:
    assert split_name("clip_score_clip") == ("clip_score", "clip")
    assert split_name("kid_vit-l-14") == ("kid", "vit-l-14")
    assert split_name("c2st_judge") == ("c2st", "judge")
    assert split_name("asked") == ("asked", "")
    assert title_of("kid_clip") == "KID (shipped CLIP)"
    assert all(known.scale and known.about for known in MEASURES.values())


# --- pages ----------------------------------------------------------------------------------------


def figures(shift: float, *names: str) -> dict[str, Figure]:
    return {name: over_seeds([shift, shift + 0.1, shift + 0.2]) for name in names}


KINDS = ("lift", "gauc", "percentile", "asked", "c2st", "kid", "ssim", "lpips", "fid")


def report(folder: Path) -> Report:
    picture = np.full((20, 20, 3), 90, np.uint8)
    grid = keep_grid(folder, "two", "Two <people>", "a & b", [("A", [picture, None])], ["x", "y"])
    names = (
        "lift",
        "gauc",
        "percentile",
        "asked",
        "c2st_judge",
        "kid_judge",
        "ssim",
        "lpips_judge",
    )
    rows = (
        Row(name="words", about="w", pictures=3, figures=figures(0.1, *names) | {"fid_clip": alone(3)}),
        Row(name="<b>bold</b>", about="x", pictures=3, figures=figures(0.4, *names),
            against={"words": figures(0.3, "lift")},
            lift=Lift(deviations=3.2, p=0.01, permutations=99, significant=0.5)),
    )  # fmt: skip
    people = Section(title="People", about="*lift* & more", measures=KINDS, plots=("lift", "kid"),
                     rows=rows, grids=(grid,), notes=("*words*: <plain>",))  # fmt: skip
    dial = people.model_copy(update={
        "title": "Dial", "dial": "λ2", "plots": ("lift", "lpips:percentile"), "grids": (),
        "rows": tuple(r.model_copy(update={"dial": float(i), "against": {}}) for i, r in enumerate(rows)),
    })  # fmt: skip
    setup = Setup(command="vitrine eval generation --seeds 3", seeds=3, steps=4, guidance=4,
                  adapter_scale=0.6, models={"sd": "0123"}, drawings_sha256="d",
                  shoppers_sha256=None)  # fmt: skip
    return Report(setup=setup, sections={"people": people, "lambda2": dial}, left_out=("no <net>",))


class Page(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]


def test_the_page_needs_nothing_else_and_escapes_what_it_shows(tmp_path: Path) -> None:
    text = page(report(tmp_path), tmp_path)
    parser = Page()
    parser.feed(text)
    assert all(place.startswith(("#", "data:image/webp;base64,")) for place in parser.fetched)
    assert sum(place.startswith("data:") for place in parser.fetched) == 1
    assert not re.search(r"url\((?!data:)", text)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<b>bold</b>" not in text and "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "<people>" not in text and "no &lt;net&gt;" in text
    assert "<b>lift</b> &amp; more" in text
    assert text.count("<svg") == 4
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        ET.fromstring(svg)
    (tmp_path / "two.webp").unlink()
    assert "two.webp is missing" in page(report(tmp_path), tmp_path / "nowhere")


def test_the_best_of_a_column_is_marked_where_one_way_is_better(tmp_path: Path) -> None:
    text = page(report(tmp_path), tmp_path)
    table = text[text.index("<table>") : text.index("</table>")]
    words, bold = table.split("<tr>")[2:4]
    assert words.count("class=best") == 2  # c2st and KID: less is better
    assert bold.count("class=best") == 4  # lift, GAUC, standing, asked; likeness has no better way


def test_plots_are_svg_of_their_own() -> None:
    rows = [Row(name=f"a{i}", about="", pictures=1, dial=i / 2, figures=figures(i, "lift", "ssim"))
            for i in range(4)]  # fmt: skip
    for svg in (
        side_by_side("t <", "scale", [(r.name, r.figures["lift"]) for r in rows], "up"),
        along("t", "scale", "λ", rows, "lift", "down"),
        against("x", "y", rows, "ssim", "lift", "λ"),
        against("x", "y", rows, "ssim", "lift", None),
        side_by_side("flat", "", [("one", alone(0.0))], ""),
    ):
        root = ET.fromstring(svg)
        numbers = [
            float(v)
            for e in root.iter()
            for k, v in e.attrib.items()
            if k in ("cx", "cy", "x", "y")
        ]
        assert numbers and min(numbers) >= 0 and max(numbers) <= 700


def test_results_are_written_with_their_plots_beside_them(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    found = report(tmp_path)
    write_results(found, tmp_path / "docs" / "results-generation.md", tmp_path)
    text = (tmp_path / "docs" / "results-generation.md").read_text()
    for place in re.findall(r"\]\(([^)]+)\)", text):
        assert (tmp_path / "docs" / place).is_file()
    assert "simulated" in text and "λ2" in text and "Not measured" in text
    assert str(tmp_path) not in text


def test_names_follow_the_order_of_the_section(tmp_path: Path) -> None:
    section = report(tmp_path).sections["people"]
    assert names_of(section, ("kid", "lift", "fid", "nothing")) == ["kid_judge", "lift", "fid_clip"]
