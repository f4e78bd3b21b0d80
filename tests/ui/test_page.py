"""The web page in a real browser, on fake models."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

BROWSER_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 90
ANSWER_MS = 60_000

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def address(tiny_folder: Path, tmp_path: Path) -> Iterator[str]:
    """The page of the pottery, served by a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("serve_on_fakes.py")
    home = tmp_path / "home"
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("VITRINE_", "CHAINLIT_"))}
    log = (tmp_path / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, str(script), str(tiny_folder), str(home), str(port)],
        env=environ,
        cwd=tmp_path,
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_S
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                said = (tmp_path / "server.log").read_text(errors="replace")
                assert server.poll() is None, said
                assert time.monotonic() < deadline, f"no page after {START_S} s: {said}"
                time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()
    left = [path.name for path in tmp_path.iterdir() if path.name in {".files", ".chainlit"}]
    assert left == [], "chainlit wrote into the working directory"


@pytest.fixture
async def page(address: str, chromium: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS)
        opened = await browser.new_page(viewport={"width": 1280, "height": 1200})
        await opened.goto(address)
        await opened.wait_for_selector("#chat-input", timeout=ANSWER_MS)
        yield opened
        await browser.close()


async def say(page: Page, text: str) -> None:
    await page.click("#chat-input")
    await page.keyboard.type(text)
    submit = page.locator("#chat-submit")  # enabled once the page is connected
    await expect(submit).to_be_enabled(timeout=ANSWER_MS)
    await submit.click()


async def test_items_designs_and_profile(page: Page) -> None:
    other_hosts: list[str] = []
    page.on(
        "requestfinished",
        lambda request: (
            None
            if re.match(r"(http|ws)://127\.0\.0\.1|data:|blob:", request.url)
            else other_hosts.append(request.url)
        ),
    )
    await say(page, "a mug, please")
    items = page.get_by_test_id("shelf-items")
    await expect(items).to_have_count(1, timeout=ANSWER_MS)
    assert await items.locator("img").count() >= 1
    width = await items.locator("img").first.evaluate("image => image.naturalWidth")
    assert width > 0, "the picture did not load"

    await items.get_by_role("button", name="Design one like it").first.click()
    designs = page.get_by_test_id("shelf-designs")
    await expect(designs).to_have_count(1, timeout=ANSWER_MS)
    await expect(designs.locator("img")).to_have_count(4)
    await expect(designs.get_by_text("Closest in the shop").first).to_be_visible()

    await say(page, "/profile")
    card = page.get_by_test_id("profile")
    await expect(card).to_have_count(1, timeout=ANSWER_MS)
    await card.get_by_role("textbox").fill("## I avoid\n- I avoid blue.\n")
    await card.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your profile is saved")).to_be_visible(timeout=ANSWER_MS)

    await page.locator("#chat-settings-open-modal").click()
    await page.locator("#method").click()
    await page.get_by_role("option", name="The personal network").click()
    await page.locator("#personal_guidance").get_by_role("slider").press("End")
    await page.locator("#confirm").click()
    await say(page, "design me a bowl")
    told = page.get_by_text("the personal touch at 20 instead of 8")
    await expect(told).to_be_visible(timeout=ANSWER_MS)
    await expect(designs).to_have_count(2, timeout=ANSWER_MS)

    await say(page, "set lambda 2 to 0.4")  # the panel follows what is said
    await expect(designs).to_have_count(3, timeout=ANSWER_MS)
    await page.locator("#chat-settings-open-modal").click()
    await expect(page.locator("#method")).to_have_text("Interests and network")
    slider = page.locator("#interest_scale").get_by_role("slider")
    await expect(slider).to_have_attribute("aria-valuenow", "0.4")
    assert other_hosts == []
