"""Looks at the pages with a real browser, the way a consumer on a small phone and staff at a desk do.

Usage: portal.py BASE_ADDRESS CONSUMER_LOGIN STAFF_LOGIN PASSWORD SERVICE_NUMBER SCREENSHOT_FOLDER
           METER_TOKEN NOW REGISTER_WATT_HOURS

The last three are for the new reading that the service's meter posts while its page is open.

Prints what it looked at; ends with status 1 and a sentence when something is not as it should be.
"""

import json
import os
import sys
from urllib import request
from urllib.parse import quote, urlsplit

from playwright.sync_api import expect, sync_playwright

BASE, CONSUMER, STAFF, PASSWORD, SERVICE, FOLDER, TOKEN, NOW, REGISTER = sys.argv[1:10]
CHROMIUM = os.environ.get("VIDYUT_TEST_CHROMIUM", "/usr/bin/chromium")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
WIDE = {"width": 1200, "height": 900}
PAPER = {"width": 690, "height": 1000}
expect.set_options(timeout=20_000)

# Every text of a page against what lies behind it, after WCAG 2.1 (AA: 4.5, large text 3).
CONTRAST = """() => {
  const parse = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    return parts.length < 4 ? [...parts, 1] : parts;
  };
  const light = ([r, g, b]) => {
    const channel = (value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) return colour;
    }
    return [255, 255, 255, 1];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "TITLE", "title", "desc"].includes(element.tagName)) continue;
    if (element.closest("svg") || !element.getClientRects().length) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const pair = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${node.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

# What a reader who does not see the page is told.
NAMELESS = """() => [
  ...[...document.querySelectorAll("input:not([type=hidden])")]
    .filter((input) => !input.labels.length).map((input) => `input ${input.name} has no label`),
  ...[...document.querySelectorAll("table")]
    .filter((table) => !table.caption).map(() => "a table has no caption"),
  ...[...document.querySelectorAll("svg.chart")]
    .filter((chart) => !chart.querySelector("title") || !chart.querySelector("desc"))
    .map(() => "a chart has no title or description"),
  ...(document.querySelectorAll("h1").length === 1 ? [] : ["not exactly one h1"]),
  ...(document.documentElement.lang ? [] : ["no language"]),
]"""

# Texts of a chart that lie on one another, or beyond its edge.
CROWDED = """() => {
  const faults = [];
  for (const chart of document.querySelectorAll("svg.chart")) {
    const frame = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("text")].filter((text) => text.textContent.trim());
    const places = texts.map((text) => [text.textContent.trim(), text.getBoundingClientRect()]);
    places.forEach(([name, place], index) => {
      if (place.left < frame.left - 1 || place.right > frame.right + 1
          || place.top < frame.top - 4 || place.bottom > frame.bottom + 1)
        faults.push(`"${name}" is cut off`);
      for (const [other, there] of places.slice(index + 1)) {
        const wide = Math.min(place.right, there.right) - Math.max(place.left, there.left);
        const high = Math.min(place.bottom, there.bottom) - Math.max(place.top, there.top);
        // A text's box is half as high again as what is seen of it.
        if (wide > 1 && high > place.height / 2) faults.push(`"${name}" lies on "${other}"`);
      }
    });
  }
  return faults;
}"""


class Visit:
    """One person with one browser window; collects what the browser complains about."""

    def __init__(self, browser, size, scheme="light", script=True):
        self.context = browser.new_context(
            viewport=size,
            color_scheme=scheme,
            java_script_enabled=script,
            device_scale_factor=2 if size is PHONE else 1,
            is_mobile=size is PHONE,
            has_touch=size is PHONE,
        )
        self.page = self.context.new_page()
        self.complaints = []
        self.expected = 0
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", self.hear)
        self.page.on("request", self.watch)

    def hear(self, message):
        if message.type == "error" and not self.expected:
            self.complaints.append(f"console: {message.text}")

    def watch(self, request):
        if urlsplit(request.url).netloc != urlsplit(BASE).netloc:
            self.complaints.append(f"asks elsewhere: {request.url}")

    def go(self, path):
        answer = self.page.goto(BASE + path)
        check(answer.status == 200, f"{path} answers {answer.status}")
        self.look(path)

    def look(self, path):
        width = self.page.evaluate("document.documentElement.scrollWidth")
        shown = self.page.viewport_size["width"]
        check(width <= shown, f"{path} is {width} wide on a screen of {shown}")
        poor = self.page.evaluate(CONTRAST)
        check(not poor, f"{path} has faint text: {poor}")
        nameless = self.page.evaluate(NAMELESS)
        check(not nameless, f"{path}: {nameless}")
        check(not self.complaints, f"{path}: {self.complaints}")

    def sign_in(self, login):
        self.page.goto(BASE + "/sign-in")
        self.page.get_by_label("Login name").fill(login)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def keep(self, name):
        self.page.screenshot(path=os.path.join(FOLDER, name + ".png"), full_page=True)


def check(condition, sentence):
    if not condition:
        sys.exit("portal.py: " + sentence)


def post_reading(milliwatts):
    """What the meter does: one reading over HTTP, answered after it is stored."""
    channel = {
        "voltageMillivolts": 230_400,
        "currentMilliamps": milliwatts // 230,
        "powerMilliwatts": milliwatts,
        "powerFactorPermille": 981,
        "energyWattHours": int(REGISTER) + 7,
    }
    body = {"sequence": 999_999, "readings": [{"at": NOW, "channels": {"main": channel}}]}
    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}
    with request.urlopen(
        request.Request(BASE + "/v1/readings", json.dumps(body).encode(), headers)
    ) as answer:
        stored = json.load(answer)["stored"]
    check(stored == 1, f"{stored} readings were stored")


def consumer_on_phone(browser):
    visit = Visit(browser, PHONE)
    page = visit.page
    visit.go("/sign-in")
    visit.keep("phone-sign-in")
    visit.expected = 1  # the browser reports the 422 of a wrong password
    page.get_by_label("Login name").fill(CONSUMER)
    page.get_by_label("Password").fill("surely wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    visit.look("a wrong password")
    visit.keep("phone-wrong-password")
    visit.expected = 0
    visit.sign_in(CONSUMER)
    expect(page).to_have_url(BASE + "/home")
    visit.look("/home")
    visit.keep("phone-home")

    page.get_by_role("link", name="Service " + SERVICE).click()
    live = page.locator("#live .big")
    expect(live).to_contain_text("430 W")
    post_reading(1_234_000)
    expect(live).to_contain_text("1,234 W")
    expect(page.locator("#live")).to_contain_text("230.4 V")
    print("a new reading is shown as it comes")
    # The days, the months and the power of the last hours.
    expect(page.locator("svg.chart")).to_have_count(3)
    check(page.locator("svg.chart rect.bar").count() > 20, "the charts have no bars")
    check(page.locator("svg.chart rect[fill^='url']").count() > 0, "gaps are not hatched")
    page.locator("summary").first.click()
    expect(page.locator("details table").first).to_be_visible()
    visit.look("/services")
    visit.keep("phone-service")

    page.locator("#bills ~ .scroll a").first.click()
    expect(page.locator("h1")).to_have_text("Electricity bill")
    expect(page.locator("section[aria-labelledby=pay] .big")).to_contain_text("₹")
    check(page.locator(".charge").count() > 0, "the bill has no lines")
    check(page.locator(".charge tbody tr").count() > 1, "the bill has no slabs")
    visit.look("/bills")
    visit.keep("phone-bill")
    address = page.url
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    visit.keep("print-bill")
    page.pdf(path=os.path.join(FOLDER, "bill.pdf"), format="A4", print_background=True)
    visit.context.close()
    return address


def consumer_otherwise(browser, bill):
    dark = Visit(browser, PHONE, scheme="dark")
    dark.sign_in(CONSUMER)
    for name, path in [
        ("home", "/home"),
        ("service", "/services/" + quote(SERVICE, safe="")),
        ("bill", bill.removeprefix(BASE)),
    ]:
        dark.go(path)
        dark.keep("dark-" + name)
    dark.context.close()

    plain = Visit(browser, DESK, script=False)
    plain.sign_in(CONSUMER)
    plain.page.goto(BASE + "/services/" + quote(SERVICE, safe=""))
    expect(plain.page.locator("#live .big")).to_contain_text("W")
    plain.keep("desk-service")
    plain.context.close()
    print("dark and without scripts: looked at")


def staff(browser):
    for size, name in [(DESK, "desk"), (PHONE, "phone")]:
        visit = Visit(browser, size)
        visit.sign_in(STAFF)
        for path in [
            "/office",
            "/office/consumers",
            "/office/services",
            "/office/meters",
            "/office/meters?only=silent",
            "/office/bills",
            "/office/runs",
            "/office/rejections",
        ]:
            visit.go(path)
            short = path.removeprefix("/").replace("/", "-").replace("?only=", "-")
            visit.keep(f"{name}-{short}")
        for path, item in [
            ("/office/runs", "run"),
            ("/office/meters", "meter"),
            ("/office/consumers", "consumer"),
        ]:
            visit.page.goto(BASE + path)
            visit.page.locator("tbody th a").first.click()
            expect(visit.page.locator(".crumb")).to_be_visible()
            visit.look(item)
            visit.keep(f"{name}-{item}")
        visit.context.close()
        print(f"staff, {name}: looked at")


def look_at_charts(visit, path):
    faults = visit.page.evaluate(CROWDED)
    check(not faults, f"{path}: {faults}")
    cut = visit.page.evaluate(
        """() => [...document.querySelectorAll(".scroll:has(.fits)")]
          .filter((part) => part.scrollWidth > part.clientWidth + 1)
          .map((part) => `${part.ariaLabel}: ${part.scrollWidth} in ${part.clientWidth}`)"""
    )
    check(not cut, f"{path}: tables are cut: {cut}")


def next_bill(browser):
    path = "/services/" + quote(SERVICE, safe="") + "/next-bill"
    for size, scheme, name in [
        (PHONE, "light", "phone"),
        (WIDE, "light", "wide"),
        (PHONE, "dark", "dark"),
    ]:
        visit = Visit(browser, size, scheme=scheme)
        page = visit.page
        visit.sign_in(CONSUMER)
        visit.go(path)
        expect(page.locator("h1")).to_have_text("Next bill")
        expect(page.locator("section[aria-labelledby=likely] .big")).to_contain_text("₹")
        expect(page.locator("svg.chart")).to_have_count(2)
        expect(page.locator("svg.chart path.fan")).to_have_count(1)
        expect(page.locator("svg.chart path.median")).to_have_count(1)
        check(page.locator("rect.coming").count() == 39, "not one bar for each day to come")
        visit.keep(f"{name}-next-bill")
        look_at_charts(visit, path)
        page.locator("summary").first.click()
        expect(page.locator("details table tbody tr")).to_have_count(61)
        visit.look(path)
        page.locator("summary").first.click()
        page.get_by_label("Use of the days to come").fill("-25")
        page.get_by_role("button", name="What would it cost?").click()
        expect(page.locator("section[aria-labelledby=whatif]")).to_contain_text("25 % less use")
        expect(page.locator("section[aria-labelledby=whatif]")).to_contain_text("lower")
        visit.look(path + " with a change")
        visit.keep(f"{name}-next-bill-changed")
        visit.context.close()
    print("the next bill: looked at")


def forecasts_of_office(browser):
    for size, name in [(PHONE, "phone"), (WIDE, "wide")]:
        visit = Visit(browser, size)
        page = visit.page
        visit.sign_in(STAFF)
        visit.go("/office/accuracy")
        expect(page.locator("#months")).to_be_visible()
        expect(page.locator("#cycles")).to_be_visible()
        look_at_charts(visit, "/office/accuracy")
        visit.keep(f"{name}-accuracy")
        page.get_by_role("link", name="What feeders will use").click()
        expect(page.locator("h1")).to_have_text("Feeders")
        check(page.locator("rect.coming").count() == 62, "not one bar for each day to come")
        look_at_charts(visit, "/office/feeders")
        visit.look("/office/feeders")
        visit.keep(f"{name}-feeders")
        page.get_by_role("link", name="F-North").click()
        expect(page.locator("h1")).to_have_text("Feeder F-North")
        expect(page.locator("tbody th").first).to_contain_text("T-1")
        look_at_charts(visit, "a feeder")
        visit.look("a feeder")
        visit.keep(f"{name}-feeder")
        visit.context.close()
    print("accuracy and feeders: looked at")


with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
    )
    address = consumer_on_phone(chromium)
    consumer_otherwise(chromium, address)
    staff(chromium)
    next_bill(chromium)
    forecasts_of_office(chromium)
    chromium.close()
print("every page looked at")
