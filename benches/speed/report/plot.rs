//! Latency against the number of failures, as an SVG: a panel for each length of search, both axes logarithmic.

use std::fmt::Write;

use super::tables::{grouped, number};
use crate::corpus::questions::LENGTHS;
use crate::figures::{BARE, Book, CASEBOOK, POSTGRES, SQLITE};
use crate::measure::search_of;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 60.0;
const LEFT: f64 = 64.0;
const GAP: f64 = 24.0;

/// Who is drawn, with the name of the colour.
const LINES: [(&str, &str); 4] =
    [(CASEBOOK, "casebook"), (BARE, "tantivy"), (SQLITE, "sqlite"), (POSTGRES, "postgres")];

const STYLE: &str = "\
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .faint { fill: #59636e; font-size: 12px }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .range { stroke-width: 1.5; opacity: .55 }
  .casebook { stroke: #0969da; fill: #0969da } .tantivy { stroke: #59636e; fill: #59636e }
  .sqlite { stroke: #9a6700; fill: #9a6700 } .postgres { stroke: #8250df; fill: #8250df }
  text.casebook, text.tantivy, text.sqlite, text.postgres { stroke: none }
  .line.casebook, .line.tantivy, .line.sqlite, .line.postgres { fill: none }
  .paper { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d }
    .casebook { stroke: #58a6ff; fill: #58a6ff } .tantivy { stroke: #9198a1; fill: #9198a1 }
    .sqlite { stroke: #d29922; fill: #d29922 } .postgres { stroke: #bc8cff; fill: #bc8cff }
  }
";

/// The whole drawing.
pub fn svg(book: &Book, sizes: &[usize]) -> String {
    let scale = Scale::of(book, sizes);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Milliseconds of a search against the number of failures\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"24\">Search with titles, snippets and facet counts: p50 in ms, up to p99</text>\n"
    );
    legend(&mut svg);
    for (panel, words) in LENGTHS.into_iter().enumerate() {
        let left = LEFT + panel as f64 * (scale.panel + GAP);
        frame(&mut svg, &scale, left, words, sizes);
        for (who, class) in LINES {
            line(&mut svg, &scale, left, class, &points(book, sizes, words, who));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Size, p50 and p99.
type Point = (usize, f64, f64);

fn points(book: &Book, sizes: &[usize], words: usize, who: &str) -> Vec<Point> {
    let what = search_of(words);
    sizes.iter().filter_map(|&size| Some((size, book.p50(size, &what, who)?, book.p99(size, &what, who)?))).collect()
}

/// From figures to places; both axes are powers of ten.
struct Scale {
    panel: f64,
    from_size: f64,
    to_size: f64,
    from_power: i32,
    to_power: i32,
}

impl Scale {
    fn of(book: &Book, sizes: &[usize]) -> Self {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for (words, (who, _)) in LENGTHS.into_iter().flat_map(|words| LINES.map(|line| (words, line))) {
            for (_, p50, p99) in points(book, sizes, words, who) {
                (least, most) = (least.min(p50), most.max(p99));
            }
        }
        if least > most {
            (least, most) = (1.0, 10.0);
        }
        let power = |size: Option<&usize>| size.map_or(4.0, |&size| (size.max(1) as f64).log10());
        let (from_size, to_size) = (power(sizes.iter().min()), power(sizes.iter().max()));
        Self {
            panel: (WIDTH - LEFT - GAP * LENGTHS.len() as f64) / LENGTHS.len() as f64,
            from_size: from_size - 0.15,
            to_size: to_size + 0.15,
            from_power: least.log10().floor() as i32,
            to_power: most.log10().ceil() as i32,
        }
    }

    fn x(&self, left: f64, size: usize) -> f64 {
        left + self.panel * ((size.max(1) as f64).log10() - self.from_size) / (self.to_size - self.from_size)
    }

    fn y(&self, milliseconds: f64) -> f64 {
        let powers = f64::from(self.to_power - self.from_power);
        let share = (milliseconds.log10() - f64::from(self.from_power)) / powers;
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }
}

fn legend(svg: &mut String) {
    let mut x = LEFT;
    for (who, class) in LINES {
        write(svg, format_args!("<text class=\"{class}\" x=\"{x}\" y=\"46\">● {who}</text>"));
        x += 60.0 + who.len() as f64 * 8.0;
    }
}

fn frame(svg: &mut String, scale: &Scale, left: f64, words: usize, sizes: &[usize]) {
    let (right, bottom) = (left + scale.panel, HEIGHT - BOTTOM);
    for power in scale.from_power..=scale.to_power {
        let y = scale.y(10f64.powi(power));
        write(
            svg,
            format_args!("<line class=\"grid\" x1=\"{left:.1}\" x2=\"{right:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"),
        );
        if left <= LEFT {
            let (x, y) = (left - 8.0, y + 4.0);
            let label = label(power);
            write(
                svg,
                format_args!("<text class=\"faint\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{label}</text>"),
            );
        }
    }
    for &size in sizes {
        let (x, y, size) = (scale.x(left, size), bottom + 20.0, grouped(size));
        write(svg, format_args!("<text class=\"faint\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{size}</text>"));
    }
    let (x, y) = (left + scale.panel / 2.0, bottom + 44.0);
    write(svg, format_args!("<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{words} words, failures</text>"));
}

fn label(power: i32) -> String {
    if power < 0 {
        format!("{:.*}", power.unsigned_abs() as usize, 10f64.powi(power))
    } else {
        grouped(10usize.pow(power as u32))
    }
}

fn line(svg: &mut String, scale: &Scale, left: f64, class: &str, points: &[Point]) {
    let mut path = String::new();
    for &(size, p50, p99) in points {
        let (x, y, top) = (scale.x(left, size), scale.y(p50), scale.y(p99));
        let (p50, p99) = (number(p50), number(p99));
        write(&mut path, format_args!("{x:.1},{y:.1}"));
        write(
            svg,
            format_args!(
                "<line class=\"range {class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{top:.1}\"/>\
                 <circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"><title>{p50} ms, p99 {p99} ms</title></circle>"
            ),
        );
    }
    let path = path.replace('\n', " ");
    write(svg, format_args!("<polyline class=\"line {class}\" points=\"{}\"/>", path.trim()));
}

fn write(svg: &mut String, piece: std::fmt::Arguments<'_>) {
    // A string takes everything.
    writeln!(svg, "{piece}").unwrap_or_default();
}
