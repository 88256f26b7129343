// A grid of any number of rows, of which only those in sight are elements.
//
// It stands at its top and shows what is new as it comes. As soon as its reader scrolls, selects
// or points at a row it holds still: what is new goes above, and a button leads to it.
import { el, icon, number, put, setText } from "./dom.js";

const spare = 6; // rows drawn above and below those in sight
const pointing = 900; // ms that rows hold still after the pointer has moved over them
const narrow = matchMedia("(max-width: 46rem)");

export class Grid {
  // Options: label; columns [{name, title, cell(row, cell)}]; heights [wide, narrow]; keyOf(row);
  // findKey(rows, key), if it is faster than to look at each; dress(row, element); choose(row):
  // what selecting one does; open(row); moving: rows change and change their places, so that none
  // is new and none is held on to; relative: cells tell of the row's neighbours, too.
  constructor(options) {
    Object.assign(this, options);
    this.rows = [];
    this.pool = [];
    this.selected = undefined; // a key
    this.held = false;
    this.pointedAt = -pointing;
    this.seenTop = undefined; // the key that was on top when the grid last stood there
    // What the browser would have to lay out for, if it were asked each time.
    this.top = 0;
    this.tall = 0;
    this.build();
    new ResizeObserver(([entry]) => {
      this.tall = entry.contentRect.height;
      this.draw();
    }).observe(this.root);
    narrow.addEventListener("change", () => this.draw());
  }

  get height() {
    return this.heights[narrow.matches ? 1 : 0];
  }

  build() {
    const head = el("div", { role: "row", class: "grid-head", "aria-rowindex": "1" }, this.columns.map((c) => el("span", { role: "columnheader", class: "c-" + c.name }, c.title)));
    this.body = el("div", { role: "rowgroup", class: "grid-body" });
    this.root = el("div", { role: "grid", class: "grid grid-" + this.name, tabindex: "0", "aria-label": this.label, "aria-colcount": this.columns.length }, el("div", { role: "rowgroup", class: "grid-top" }, head), this.body);
    this.pill = el("button", { type: "button", class: "pill", hidden: true, on: { click: () => this.toTop() } });
    this.element = el("div", { class: "grid-frame" }, this.root, this.pill);
    this.root.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("pointermove", () => (this.pointedAt = performance.now()), { passive: true });
    this.body.addEventListener("pointerdown", (event) => (this.pressed = this.rowOf(event.target)));
    this.body.addEventListener("click", (event) => this.clicked(event));
  }

  rowOf(target) {
    return target.closest("[role=row]")?.row;
  }

  clicked(event) {
    // Rows are drawn into the same elements again, so that what was pressed counts.
    const row = this.pressed || this.rowOf(event.target);
    this.pressed = undefined;
    if (!row || !getSelection().isCollapsed) return;
    this.select(this.keyOf(row));
    this.open(row);
  }

  // The list is ascending; what is newest is shown first.
  at(i) {
    return this.rows[this.rows.length - 1 - i];
  }

  indexOf(key) {
    if (key === undefined) return -1;
    if (this.findKey) {
      const i = this.findKey(this.rows, key);
      return i < this.rows.length && this.keyOf(this.rows[i]) === key ? this.rows.length - 1 - i : -1;
    }
    const i = this.rows.findIndex((r) => this.keyOf(r) === key);
    return i < 0 ? -1 : this.rows.length - 1 - i;
  }

  get resting() {
    return this.held || this.top > 2 || performance.now() - this.pointedAt < pointing;
  }

  scrollTo(top) {
    this.root.scrollTop = top;
    this.top = this.root.scrollTop;
  }

  // update shows another list. Without anchor it begins at the top.
  update(rows, anchor = true) {
    const { top } = this;
    const first = Math.floor(top / this.height);
    const resting = anchor && !this.moving && this.resting && this.rows.length > 0;
    const key = resting && this.at(first) ? this.keyOf(this.at(first)) : undefined;
    if (!resting) this.seenTop = rows.length ? this.keyOf(rows.at(-1)) : undefined;
    this.rows = rows;
    this.body.style.height = rows.length * this.height + "px";
    this.root.setAttribute("aria-rowcount", rows.length + 1);
    if (!anchor) this.scrollTo(0);
    if (key !== undefined) {
      const i = this.indexOf(key);
      if (i >= 0 && i !== first) this.scrollTo(top + (i - first) * this.height);
    }
    this.draw();
  }

  scrolled() {
    this.top = this.root.scrollTop;
    if (this.top <= 2 && this.rows.length) {
      this.held = false;
      this.seenTop = this.keyOf(this.at(0));
    }
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  draw() {
    const height = this.height;
    const inSight = Math.ceil(this.tall / height);
    const first = Math.max(0, Math.floor(this.top / height) - spare);
    const last = inSight ? Math.min(this.rows.length, first + inSight + 2 * spare) : 0;
    while (this.pool.length < last - first) this.pool.push(this.newRow());
    for (let n = 0; n < this.pool.length; n++) {
      const row = first + n < last ? this.at(first + n) : undefined;
      this.show(this.pool[n], row, first + n);
    }
    const chosen = this.indexOf(this.selected);
    if (chosen >= first && chosen < last) this.root.setAttribute("aria-activedescendant", this.pool[chosen - first].id);
    else this.root.removeAttribute("aria-activedescendant");
    this.drawPill();
  }

  newRow() {
    const e = el("div", { role: "row", class: "row" }, this.columns.map((c) => el("span", { role: "gridcell", class: "c-" + c.name })));
    this.body.append(e);
    return e;
  }

  show(e, row, i) {
    e.hidden = !row;
    if (!row) {
      e.row = undefined;
      e.removeAttribute("id");
      return;
    }
    const selected = this.keyOf(row) === this.selected;
    e.style.transform = `translateY(${i * this.height}px)`;
    e.setAttribute("aria-rowindex", i + 2);
    e.setAttribute("aria-selected", selected);
    if (e.row === row && !this.moving && !this.relative) return;
    e.row = row;
    e.id = this.name + "-" + (typeof this.keyOf(row) === "number" ? this.keyOf(row) : i);
    this.dress(row, e);
    this.columns.forEach((c, n) => c.cell(row, e.children[n]));
  }

  drawPill() {
    const above = this.resting && !this.moving ? this.indexOf(this.seenTop) : 0;
    this.pill.hidden = !(above > 0);
    if (above > 0 && this.pill.dataset.n !== String(above)) {
      this.pill.dataset.n = above;
      put(this.pill, icon("up"), number(above) + " new");
    }
  }

  toTop() {
    this.held = false;
    this.pointedAt = -pointing;
    this.scrollTo(0);
    this.update(this.rows);
    this.root.focus({ preventScroll: true });
  }

  // select marks a row and holds the grid still; undefined marks none.
  select(key, { reveal = true } = {}) {
    this.selected = key;
    this.held = key !== undefined;
    if (this.held && this.seenTop === undefined && this.rows.length) this.seenTop = this.keyOf(this.at(0));
    const i = this.indexOf(key);
    if (i >= 0 && reveal) this.reveal(i);
    this.draw();
  }

  reveal(i) {
    const top = i * this.height;
    const room = this.tall - this.body.offsetTop;
    if (top < this.top) this.scrollTo(top);
    else if (top + this.height > this.top + room) this.scrollTo(top + this.height - room);
  }

  // move selects the row that is so many further down.
  move(by) {
    if (!this.rows.length) return;
    const from = this.indexOf(this.selected);
    const start = from < 0 ? Math.ceil(this.top / this.height) - (by > 0 ? 1 : 0) : from;
    const i = Math.min(this.rows.length - 1, Math.max(0, start + by));
    this.select(this.keyOf(this.at(i)));
    this.choose?.(this.at(i));
  }

  openSelected() {
    const i = this.indexOf(this.selected);
    if (i >= 0) this.open(this.at(i));
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.tall / this.height) - 2);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.rows.length, End: this.rows.length }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Home") {
        this.select(undefined);
        this.toTop();
      } else this.move(by);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.openSelected();
    }
  }

  // message shows something in place of rows: an empty or an error state.
  message(content) {
    if (this.note) this.note.remove();
    this.note = content;
    if (content) this.element.append(content);
    this.root.classList.toggle("blank", Boolean(content));
  }
}

// textCell writes text, with the whole of it as a title when it may be cut.
export const textCell = (cell, text, title) => {
  setText(cell, text);
  if (title) cell.title = title;
  else cell.removeAttribute("title");
};
