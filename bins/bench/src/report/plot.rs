//! The curves as an SVG file: throughput and p99, against connections and against rows, each in a panel of its own. All axes
//! are logarithmic, so that "twice as much" is the same distance everywhere.

use std::fmt::Write as _;

use super::{Against, Curve, Point};

/// Of one panel, in pixels.
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 300.0;
/// Around what is drawn in it; on the right are the names.
const LEFT: f64 = 60.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 40.0;
/// Of the lines, from the first on; told apart with any kind of colour vision (after Okabe and Ito).
const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];

const DASHES: [&str; 3] = ["none", "6 3", "2 3"];

/// What is drawn upwards.
struct Quantity {
    title: &'static str,
    of: fn(&Point) -> f64,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity { title: "requests a second", of: |point| point.per_second },
    Quantity { title: "p99, ms", of: |point| point.p99_ms },
];

/// The whole picture.
pub(super) fn draw(curves: &[&Curve]) -> String {
    let (width, height) = (2.0 * (WIDTH + LEFT + RIGHT), 2.0 * (HEIGHT + TOP + BOTTOM));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (row, against) in Against::ALL.into_iter().enumerate() {
        let curves: Vec<&Curve> = curves.iter().copied().filter(|curve| curve.against == against).collect();
        for (column, quantity) in QUANTITIES.iter().enumerate() {
            let x = place(column, WIDTH + LEFT + RIGHT) + LEFT;
            let y = place(row, HEIGHT + TOP + BOTTOM) + TOP;
            let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
            panel(&mut svg, against, quantity, &curves);
            svg.push_str("</g>\n");
        }
    }
    svg + "</svg>\n"
}

fn panel(svg: &mut String, against: Against, quantity: &Quantity, curves: &[&Curve]) {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let across = Axis::over(points().map(|point| f64::from(point.size)), WIDTH);
    let upwards = Axis::over(points().map(quantity.of), HEIGHT);
    let (title, growing) = (quantity.title, against.title());
    let _ = writeln!(svg, "<text y=\"-12\" font-weight=\"bold\">{title} against {growing}</text>");
    for (at, label) in across.ticks() {
        let y = HEIGHT + 18.0;
        let _ = writeln!(svg, "<path d=\"M{at:.1} 0V{HEIGHT}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{y}\" text-anchor=\"middle\">{label}</text>");
    }
    for (at, label) in upwards.ticks() {
        let y = HEIGHT - at;
        let _ = writeln!(svg, "<path d=\"M0 {y:.1}H{WIDTH}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", y + 4.0);
    }
    for (number, (curve, colour)) in curves.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let corners: Vec<String> = curve
            .points
            .iter()
            .map(|point| (across.at(f64::from(point.size)), HEIGHT - upwards.at((quantity.of)(point))))
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        // After the last colour they begin again, with dashes.
        let dash = DASHES[number / COLOURS.len() % DASHES.len()];
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>",
            corners.join(" ")
        );
        let (x, y) = (WIDTH + 10.0, place(number, 15.0) + 10.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{x} {}h20\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>\n\
             <text x=\"{}\" y=\"{y}\" fill=\"{colour}\">{}</text>",
            y - 4.0,
            x + 26.0,
            curve.name
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are a few panels and a few names")]
fn place(number: usize, size: f64) -> f64 {
    number as f64 * size
}

/// From a power of ten to another.
struct Axis {
    from: f64,
    decades: f64,
    length: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, length: f64) -> Self {
        let logs: Vec<f64> = values.filter(|value| *value > 0.0).map(f64::log10).collect();
        let from = logs.iter().copied().fold(f64::INFINITY, f64::min).floor();
        let to = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max).ceil();
        if from.is_finite() {
            Self { from, decades: (to - from).max(1.0), length }
        } else {
            Self { from: 0.0, decades: 1.0, length }
        }
    }

    fn at(&self, value: f64) -> f64 {
        (value.log10() - self.from) / self.decades * self.length
    }

    /// The powers of ten.
    fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        let powers = std::iter::successors(Some(self.from), |power| Some(power + 1.0));
        powers.take_while(|power| *power <= self.from + self.decades).map(|power| {
            let value = 10_f64.powf(power);
            (self.at(value), format!("{value}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_curve_is_drawn_once_for_each_quantity() {
        let points = [(1, 1000.0, 0.5), (100, 5000.0, 20.0)];
        let points = points.map(|(size, per_second, p99_ms)| Point { size, per_second, p99_ms }).to_vec();
        let curve = Curve { name: "GET /profile".to_owned(), against: Against::Connections, points };
        let svg = draw(&[&curve]);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("GET /profile").count(), 2);
        // From 1 to 100 over the whole width; 1000 is the lowest line.
        assert!(svg.contains("points=\"0.0,300.0 520.0,90.3\""), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn nothing_to_draw_is_a_picture_too() {
        let svg = draw(&[]);
        assert!(svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("inf"));
    }
}
