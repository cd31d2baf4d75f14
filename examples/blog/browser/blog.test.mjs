// The blog in a real browser. `cargo xtask test --only web` starts this with:
//   BLOG      the program to test
//   CHROMIUM  the browser to test it in

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const WIDTHS = [360, 1280];
const PASSWORD = "realgar-demo";

let folder, server, browser, page, home;
const requests = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "blog-browser-"));
  const env = { ...process.env, DATABASE_URL: `sqlite:///${folder}/blog.db`, BLOG_ADDRESS: "127.0.0.1:0" };
  server = spawn(process.env.BLOG, { env, stdio: ["ignore", "pipe", "inherit"] });
  home = await new Promise((resolve, reject) => {
    let said = "";
    server.on("exit", (code) => reject(new Error(`the blog ended with ${code}: ${said}`)));
    server.stdout.on("data", (text) => {
      said += text;
      const found = said.match(/listening on (http:\S+)/);
      if (found) resolve(found[1]);
    });
  });
  browser = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: process.env.CHROMIUM,
    args: FLAGS,
    chromiumSandbox: false,
  });
  browser.setDefaultTimeout(15_000);
  browser.on("request", (request) => requests.push(request.url()));
});

after(async () => {
  await browser?.close();
  server?.removeAllListeners("exit");
  server?.kill();
  if (folder) await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await page?.close();
  await browser.clearCookies();
  page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
});

const go = (path) => page.goto(home + path);
const path = () => new URL(page.url()).pathname;
const button = (name) => page.getByRole("button", { name }).click();
const link = (name) => page.getByRole("link", { name, exact: true }).first().click();

async function signUp(name) {
  await go("/signup");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await button("Sign up");
  await page.waitForURL(home + "/");
}

async function write(title, tags) {
  await link("Write");
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Text").fill(`About ${title}.`);
  await page.getByLabel("Tags").fill(tags);
  await button("Publish");
  await page.waitForURL(/\/posts\/\d+$/);
}

test("a user signs up, writes, tags, pages, changes, deletes, and leaves", async () => {
  await signUp("Zoë");
  await write("Hello from a browser", "browser, web stuff");
  assert.equal(await page.locator("h1").textContent(), "Hello from a browser");
  await link("web stuff");
  assert.equal(await page.locator("h1").textContent(), "Posts about web stuff");
  await link("Hello from a browser");

  await page.getByLabel("Your comment").fill("<b>not bold</b>");
  await button("Send the comment");
  await page.getByText("<b>not bold</b>").waitFor();

  await link("Change it");
  assert.equal(await page.getByLabel("Tags").inputValue(), "browser, web stuff");
  await page.getByLabel("Title").fill("Hello again");
  await button("Save the changes");
  await page.getByRole("heading", { name: "Hello again" }).waitFor();

  for (let number = 1; number <= 12; number += 1) await write(`Post ${number}`, "many");
  await go("/tags/many");
  assert.equal(await page.locator("article").count(), 10);
  await page.getByRole("link", { name: "Page 2" }).click();
  await page.waitForURL(/page=2/);
  assert.equal(await page.locator("article").count(), 2);
  await link("Post 1");
  await button("Delete it, with its comments");
  await page.waitForURL(home + "/");
  assert.equal((await go("/tags/many?page=2")).status(), 200);
  assert.equal(await page.locator("article").count(), 1);

  await link("Zoë");
  await link("delete your account");
  await page.getByText("12 posts, with 0 comments of others").waitFor();
  await button("Delete Zoë and all of it");
  await page.waitForURL(/\/users$/);
  assert.equal(await page.getByRole("link", { name: "Zoë" }).count(), 0);
  assert.equal((await go("/posts/new")).status(), 401);
});

test("mistakes are told beside their fields, and nothing typed is lost", async () => {
  await signUp("mistaken");
  await link("Write");
  await page.getByLabel("Tags").fill("kept");
  await button("Publish");
  await page.getByRole("alert").getByText("The title is missing.").waitFor();
  assert.equal(await page.getByLabel("Tags").inputValue(), "kept");
  assert.equal(await page.getByLabel("Title").getAttribute("aria-invalid"), "true");
  await page.getByRole("alert").getByRole("link", { name: "The title is missing." }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "title");
});

/** Presses Tab until the focus is there, as somebody without a mouse does. */
async function tabTo(id) {
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`#${id} cannot be reached with the keyboard`);
}

test("logging in and writing a post with the keyboard alone", async () => {
  await go("/login");
  await tabTo("username");
  await page.keyboard.type("ada");
  await tabTo("password");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(home + "/");
  await page.keyboard.press("Tab"); // the first stop of every page leads past its navigation
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await go("/posts/new");
  await tabTo("title");
  await page.keyboard.type("Typed");
  await tabTo("content");
  await page.keyboard.type("without a mouse");
  await tabTo("tags");
  await page.keyboard.type("keys");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Publish");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/posts\/\d+$/);
  assert.equal(await page.locator("h1").textContent(), "Typed");
});

test("every page is accessible, and as wide as its window", async () => {
  const require = createRequire(import.meta.url);
  const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
  const problems = [];
  const look = async (name) => {
    for (const width of WIDTHS) {
      for (const colorScheme of ["light", "dark"]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (wide > 0) problems.push(`${name} at ${width}: ${wide} px too wide`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run());
        for (const found of violations) {
          problems.push(`${name} at ${width}, ${colorScheme}: ${found.id}: ${found.nodes[0].html}`);
        }
      }
    }
  };
  await go("/");
  await page.evaluate(() => document.documentElement.removeAttribute("lang"));
  await page.evaluate(() => (document.querySelector("h1").style.width = "200vw"));
  await look("a page that is broken on purpose");
  assert.equal(problems.splice(0).length, 8, "what looks finds something where something is wrong");
  for (const there of ["/", "/?page=3", "/posts/1", "/tags", "/tags/loading", "/users", "/users/1", "/login", "/signup", "/nowhere", "/posts/new"]) {
    await go(there);
    await look(there);
  }
  await signUp("looker");
  await write("x".repeat(200), "y".repeat(30));
  await look("a post of mine, with words as long as can be");
  const mine = path();
  await go("/users");
  await link("looker");
  await look("my own page");
  const me = path();
  for (const there of ["/", "/posts/new", `${mine}/edit`, "/profile", `${me}/delete`, "/posts/1/edit"]) {
    await go(there);
    await look(`${there}, logged in`);
  }
  await go("/posts/new");
  await button("Publish");
  await look("a post with mistakes");
  await go(mine);
  await page.evaluate(() => document.querySelector("#text").removeAttribute("required"));
  await button("Send the comment");
  await look("a comment with mistakes");
  await browser.clearCookies();
  await go("/login");
  await page.getByLabel("Name").fill("nobody");
  await page.getByLabel("Password").fill("wrong");
  await button("Log in");
  await look("a login with mistakes");
  assert.deepEqual(problems, []);
});

test("no request left the host", () => {
  const others = requests.filter((url) => !url.startsWith(home + "/") && !url.startsWith("data:") && !url.startsWith("about:"));
  assert.deepEqual(others, []);
  assert.ok(requests.length > 50);
});
